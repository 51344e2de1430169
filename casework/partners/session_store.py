"""Sessions in the database under a keyed hash: a row read in a dump does not sign in (security.md §3.11, T-45)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.crypto import salted_hmac

from casework.partners.session_state import SEEN_AT, STARTED_AT


def stored_key(session_key: str) -> str:
    """Return the primary key under which the session of this cookie is kept (160 bits)."""
    return salted_hmac("casework.session", session_key, algorithm="sha256").hexdigest()[:40]


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
            row = self.model.objects.filter(
                session_key=stored_key(self.session_key), expire_date__gt=timezone.now()
            ).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        """Say whether a session has this key."""
        return bool(self.model.objects.filter(session_key=stored_key(session_key)).exists())

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session of this key, or this one."""
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=stored_key(key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row of this session: whose it is, since when, and its signed body."""
        now = timezone.now()
        model: Any = self.model
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]
        return model(
            session_key=stored_key(key),
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            agent_id=_uuid(data.get(SESSION_KEY)),
            started_at=_moment(data.get(STARTED_AT)) or now,
            seen_at=_moment(data.get(SEEN_AT)) or now,
        )


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else None
