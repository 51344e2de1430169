"""A parcel with a life of its own, and people who handle it: what the tests of this room share."""

from __future__ import annotations

import uuid
from contextvars import Context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.db import connection, models
from django.test import RequestFactory

from casework.access.viewer import Viewer
from casework.casefile.lifecycle import Context as GuardContext
from casework.casefile.lifecycle import Lifecycle, Move
from casework.casefile.revision import Revised
from casework.errors import GuardRefused
from casework.partners.codes import OrganisationKind, Role, TerritoryKind

NOW = datetime(2026, 12, 8, 13, 2, tzinfo=UTC)
TERRITORY_ID = uuid.UUID("11111111-1111-4111-8111-111111111111")

NADIA = Viewer(
    agent_id=uuid.UUID("aaaaaaaa-0000-4000-8000-000000000001"),
    organisation_id=uuid.UUID("bbbbbbbb-0000-4000-8000-000000000001"),
    mandate_id=uuid.UUID("cccccccc-0000-4000-8000-000000000001"),
    territory_id=TERRITORY_ID,
    territory_kind=TerritoryKind.COMMUNE,
    role=Role.COORDINATOR,
    session_ref="session-nadia",
    request_id="request-1",
    net_prefix="192.0.2.0/24",
    group_id=None,
    organisation_kind=OrganisationKind.MUNICIPALITY,
    starts_at=NOW - timedelta(days=100),
    ends_at=None,
    charter_signed=True,
    is_service_lead=False,
)
SAMIR = replace(
    NADIA,
    agent_id=uuid.UUID("aaaaaaaa-0000-4000-8000-000000000002"),
    mandate_id=uuid.UUID("cccccccc-0000-4000-8000-000000000002"),
    role=Role.OUTREACH,
    organisation_kind=OrganisationKind.STREET_OUTREACH,
    session_ref="session-samir",
)


class State(models.TextChoices):
    """The life of a parcel."""

    PACKED = "packed", "emballé"
    SENT = "sent", "expédié"
    LOST = "lost", "perdu"
    DELIVERED = "delivered", "livré"


class Parcel(Revised):
    """Any record with a state and a revision; its table exists in these tests only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    state = models.CharField(max_length=20)
    address = models.CharField(max_length=40, default="")
    note = models.CharField(max_length=40, default="")

    class Meta:
        apps = Apps()
        app_label = "depot"


def has_address(parcel: Parcel, context: GuardContext) -> None:
    """Refuse to send without an address."""
    if not parcel.address:
        raise GuardRefused("Indiquez une adresse avant l’envoi.")


HANDLERS = frozenset({Role.COORDINATOR})
MOVES = {
    (None, State.PACKED): Move(name="pack", label="emballer", who=HANDLERS, rule="D-01"),
    (State.PACKED, State.SENT): Move(name="send", label="expédier", who=HANDLERS, rule="D-02", guards=(has_address,)),
    (State.SENT, State.SENT): Move(name="call", label="relancer", who=HANDLERS, rule="D-03"),
    (State.SENT, State.LOST): Move(name="lose", label="déclarer perdu", who=HANDLERS, rule="D-03"),
    (State.LOST, State.SENT): Move(name="find", label="retrouver", who=HANDLERS, rule="D-03"),
    (State.SENT, State.DELIVERED): Move(name="deliver", label="remettre", who=HANDLERS | {"system"}, rule="D-04"),
}
PARCELS: Lifecycle[State] = Lifecycle(
    "state", MOVES, name="depot.parcel", title="Colis", states=State, final={State.DELIVERED}
)


def make_table() -> None:
    """Create the table of parcels in the current database (plain SQL: it is no part of the product)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {Parcel._meta.db_table} (id char(32) PRIMARY KEY, state varchar(20), "
            "address varchar(40), note varchar(40), revision integer)"
            if connection.vendor == "sqlite"
            else f"CREATE TABLE {Parcel._meta.db_table} (id uuid PRIMARY KEY, state varchar(20), "
            "address varchar(40), note varchar(40), revision integer)"
        )


def post(path: str = "/colis/1/envoyer", *, viewer: Viewer | None = NADIA, htmx: bool = False, **data: Any) -> Any:
    """Return a POST request as our middleware would hand it to a view."""
    request: Any = RequestFactory().post(path, data)
    request.viewer, request.now, request.htmx = viewer, NOW, htmx
    request.session, request.user = SessionStore(), AnonymousUser()
    return request


def apart(call: Any) -> Any:
    """Call as another request would be: with none of this one's context."""
    return Context().run(call)
