"""What the screens « Demandes à deux » show: never a record, and the words only to those they were written for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from casework import audit
from casework.access import inbox
from casework.access.approvals import seconds
from casework.access.approvals.codes import TABLE, ApprovalState
from casework.access.approvals.models import DATA_CLASS, Approval
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.errors import AccessRefused
from casework.partners import genuine
from casework.partners.codes import Role
from casework.partners.macs import row_is_genuine
from casework.partners.models import Mandate

MOST = 100
KINDS = {
    ApprovalState.ASKED: "wait",
    ApprovalState.APPROVED: "ok",
    ApprovalState.REFUSED: "off",
    ApprovalState.WITHDRAWN: "off",
    ApprovalState.USED: "info",
}

_LATE = {ApprovalState.ASKED: "sans réponse à temps", ApprovalState.APPROVED: "non exécutée à temps"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One request, as both persons see it: act, count, reason, reference, print."""

    id: UUID
    act: str
    reason: str
    reason_code: str
    reference: str
    count: int
    print_words: str
    state: str
    kind: str
    asked_at: datetime
    asker: str
    expires_at: datetime
    decided_at: datetime | None
    second: str
    expired: bool
    agreed: bool
    is_mine: bool
    may_answer: bool
    may_withdraw: bool
    words: str = ""
    shows_words: bool = False
    url: str = ""  # where whoever asked carries it out, once agreed to
    look: str = ""  # where both read what is agreed to, where it is about nobody


# The page of each act, given what it is about: the rooms register theirs.
Page = Callable[[UUID], str]
_pages: dict[str, Page] = {}
_looks: dict[str, Page] = {}


def carried_out_on(act: str, page: Page) -> None:
    """Register the page where an act is carried out."""
    _pages[act] = page


def shown_on(act: str, page: Page) -> None:
    """Register the page where the second person reads the very content before answering: it holds no record."""
    _looks[act] = page


def _probe(viewer: Viewer, now: datetime) -> QuerySet[Any]:
    """Return the requests still running that this person made, or might answer."""
    rows = Approval.objects.filter(
        territory_id=viewer.territory_id, state__in=(ApprovalState.ASKED, ApprovalState.APPROVED), expires_at__gt=now
    )
    return rows if _may_be_second(viewer) else rows.filter(asked_by=viewer.agent_id)


inbox.probe("approvals", _probe)


def _may_be_second(viewer: Viewer) -> bool:
    return viewer.role == Role.VALIDEUR or any(viewer.role in row.seconds for row in TABLE.values())


def concerns(viewer: Viewer, now: datetime) -> bool:
    """Say whether this person may be asked for an answer, or asked or answered once: to others the page means nothing."""
    return _may_be_second(viewer) or viewer.has_requests


def is_known_to() -> Exists:
    """Return, for a query of mandates, whether the agent asked for something or answered in that territory."""
    mine = Q(asked_by=OuterRef("agent_id")) | Q(decided_by=OuterRef("agent_id"))
    return Exists(Approval.objects.filter(mine, territory_id=OuterRef("territory_id")))


def mine(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the requests of this person in the territory, latest first."""
    rows = Approval.objects.filter(territory_id=viewer.territory_id, asked_by=viewer.agent_id)
    return _lines(viewer, genuine.kept(rows.order_by("-asked_at", "id")[:MOST]), now)


def mine_on(viewer: Viewer, act: str, target_ids: Iterable[UUID], now: datetime) -> dict[UUID, Line]:
    """Return this person's request of one act on each of these, waiting or agreed to, for the page of that act."""
    rows = Approval.objects.filter(
        territory_id=viewer.territory_id, asked_by=viewer.agent_id, act=act, target_id__in=list(target_ids),
        state__in=(ApprovalState.ASKED, ApprovalState.APPROVED), expires_at__gt=now,
    )  # fmt: skip
    latest = {row.target_id: row for row in genuine.kept(rows.order_by("asked_at", "id"))}
    return dict(zip(latest, _lines(viewer, list(latest.values()), now), strict=True))


def mine_about(viewer: Viewer, act: str, target_id: UUID, now: datetime) -> Line | None:
    """Return the same about one thing."""
    return mine_on(viewer, act, [target_id], now).get(target_id)


def asked_of(viewer: Viewer, act: str, target_id: UUID, now: datetime) -> Line | None:
    """Return the latest request of this act on one thing that this person may answer or answered, None otherwise."""
    rows = Approval.objects.filter(territory_id=viewer.territory_id, act=act, target_id=target_id)
    for row in genuine.kept(rows.order_by("-asked_at", "id")[:MOST]):
        if row.decided_by == viewer.agent_id or seconds.may(viewer, row, now):
            return _lines(viewer, [row], now)[0]
    return None


def waiting(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the requests that wait for this person's answer, oldest first; to anybody else: none."""
    if not _may_be_second(viewer):
        return []
    rows = Approval.objects.filter(
        territory_id=viewer.territory_id, state=ApprovalState.ASKED, expires_at__gt=now
    ).exclude(asked_by=viewer.agent_id)
    asked = [row for row in genuine.kept(rows.order_by("asked_at", "id")[:MOST]) if seconds.may(viewer, row, now)]
    return _lines(viewer, asked, now)


def answered(viewer: Viewer, now: datetime) -> list[Line]:
    """Return what this person answered, latest first."""
    rows = Approval.objects.filter(territory_id=viewer.territory_id, decided_by=viewer.agent_id)
    return _lines(viewer, genuine.kept(rows.order_by("-decided_at", "id")[:MOST]), now)


def detail(viewer: Viewer, approval_id: UUID, now: datetime) -> Line:
    """Return one request to its asker, to those who may answer and to the one who did. Raises AccessRefused.

    The words are opened, under the read gate, for the asker and for a second who may see records; never for a
    second by delegation, who holds no right on any (T-43).
    """
    row = Approval.objects.filter(pk=approval_id, territory_id=viewer.territory_id).first()
    if row is None or not row_is_genuine(row):
        raise AccessRefused(code="approval")
    is_mine = row.asked_by == viewer.agent_id
    if not (is_mine or row.decided_by == viewer.agent_id or seconds.may(viewer, row, now)):
        raise AccessRefused(code="approval")
    shows = is_mine or seconds.reads_words(viewer, row)
    words = ""
    if shows:
        with audit.reading(
            viewer, subjects=[row.subject_id], classes=[DATA_CLASS], purpose=Purpose.ADMINISTRATION, module="access",
            object_type="access.approval", object_ids=[row.pk],
        ):  # fmt: skip
            words = row.words or ""
    return _line(viewer, row, _names([row]), now, words=words, shows_words=shows)


def _lines(viewer: Viewer, rows: list[Approval], now: datetime) -> list[Line]:
    names = _names(rows)
    return [_line(viewer, row, names, now) for row in rows]


def _names(rows: list[Approval]) -> dict[UUID | None, str]:
    """Return who asked and who answered: colleagues, by name and function."""
    wanted = {row.asked_as for row in rows} | {row.decided_as for row in rows if row.decided_as}
    held = Mandate.objects.filter(pk__in=wanted).select_related("agent", "organisation")
    return {mandate.pk: f"{mandate.agent.full_name} ({mandate.label})" for mandate in held}


def _line(
    viewer: Viewer,
    row: Approval,
    names: dict[UUID | None, str],
    now: datetime,
    *,
    words: str = "",
    shows_words: bool = False,
) -> Line:
    state = ApprovalState(row.state)
    live = state in (ApprovalState.ASKED, ApprovalState.APPROVED)
    expired = live and not row.runs(now)
    is_mine = row.asked_by == viewer.agent_id
    agreed = state == ApprovalState.APPROVED and not expired
    return Line(
        id=row.pk,
        act=row.get_act_display(),
        reason=row.get_reason_display(),
        reason_code=row.reason,
        reference=row.reference,
        count=row.count,
        print_words=" ".join(row.content_print[start : start + 4] for start in range(0, 16, 4)),
        state=_LATE[state] if expired else str(state.label),
        kind="off" if expired else KINDS[state],
        asked_at=row.asked_at,
        asker=names.get(row.asked_as, ""),
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        second=names.get(row.decided_as, "") if row.decided_as else "",
        expired=expired,
        agreed=agreed,
        url=_pages[row.act](row.target_id) if agreed and is_mine and row.act in _pages else "",
        look=_looks[row.act](row.target_id) if row.act in _looks else "",
        is_mine=is_mine,
        may_answer=not is_mine and state == ApprovalState.ASKED and seconds.may(viewer, row, now),
        may_withdraw=is_mine and live and not expired,
        words=words,
        shows_words=shows_words,
    )
