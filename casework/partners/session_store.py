"""Sessions in the database under a keyed hash, their body sealed (security.md §3.11, T-45).

A row read in a dump does not sign in and says nothing. A body copied by SQL into another row does not open there, so
that nobody takes the session of somebody else by writing the database.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from casework.errors import IntegrityFault
from casework.partners.prepared import Prepared
from casework.partners.session_state import CLOSED_AT, SEEN_AT, STARTED_AT
from casework.sealing import system

PURPOSE = "partners.session"


def stored_key(session_key: str) -> str:
    """Return the primary key under which the session of this cookie is kept (160 bits)."""
    return salted_hmac("casework.session", session_key, algorithm="sha256").hexdigest()[:40]


def sealed_body(key: str, data: dict[str, Any]) -> str:
    """Return the body of the session kept under the stored key `key`."""
    return base64.b64encode(system.seal(PURPOSE, key, json.dumps(data, separators=(",", ":")))).decode()


def opened_body(row: Any) -> dict[str, Any]:
    """Return what the session of this row holds; nothing if the row was not written here."""
    try:
        found = json.loads(system.unseal(PURPOSE, row.session_key, base64.b64decode(row.session_data, validate=True)))
    except (IntegrityFault, binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def close_and_tell(row: Any, now: datetime) -> None:
    """Close the session of this row; whoever comes back with its cookie is told when."""
    row.session_data = sealed_body(row.session_key, {CLOSED_AT: int(now.timestamp())})
    row.agent_id = None
    row.save(update_fields=["session_data", "agent_id"])


class SessionStore(DatabaseStore):
    """Django's database sessions, with the hash of the key in the place of the key."""

    @classmethod
    def get_model_class(cls) -> Any:
        """Return our table of sessions."""
        from casework.partners.models import AgentSession

        return AgentSession

    def _get_session_from_db(self) -> Any:
        row = None
        if self.session_key:
            row = _sessions.first(key=stored_key(self.session_key), now=timezone.now())
        if row is None:
            self._session_key = None
        return row

    def load(self) -> dict[str, Any]:
        """Return what the session of this cookie holds."""
        row = self._get_session_from_db()
        return opened_body(row) if row is not None else {}

    def exists(self, session_key: str) -> bool:
        """Say whether a session has this key."""
        return bool(self.model.objects.filter(session_key=stored_key(session_key)).exists())

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session of this key, or this one."""
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=stored_key(key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row of this session: whose it is, since when, and its sealed body."""
        now = timezone.now()
        model: Any = self.model
        key = stored_key(self._get_or_create_session_key())  # type: ignore[attr-defined]  # absent from the stubs
        return model(
            session_key=key,
            session_data=sealed_body(key, data),
            expire_date=self.get_expiry_date(),
            agent_id=_uuid(data.get(SESSION_KEY)),
            started_at=_moment(data.get(STARTED_AT)) or now,
            seen_at=_moment(data.get(SEEN_AT)) or now,
        )


def _ask_session(key: str, now: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = SessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=now)
    return rows


_sessions: Prepared[Any] = Prepared(_ask_session, key=str, now=datetime)


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else None
