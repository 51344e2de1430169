"""Ask, agree, refuse, withdraw, take: every write of a request of two persons."""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access import lent
from casework.access.approvals import seconds
from casework.access.approvals.codes import DEPUTY_AFTER, TABLE, ApprovalAct, ApprovalReason, ApprovalState
from casework.access.approvals.models import Approval
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import genuine
from casework.partners.macs import row_is_genuine
from casework.partners.models import Mandate, Territory
from casework.partners.reads import local_midnight
from casework.partners.rights import acting
from casework.sealing import keys

PRINT_KEY = "access.approval_print"
MAX_WORDS = 1_000
NOT_AGREED = (
    "Cet acte demande l’accord d’une seconde personne. Demandez-le, puis revenez quand il est donné : il vaut pour "
    "ce contenu exact, une seule fois."
)


def content_print(act: str, target_id: UUID, content: Mapping[str, object]) -> str:
    """Return the keyed print of the exact request. Raises TypeError for a value that has no one way to be written.

    Keyed, because a plain hash of few possible words could be guessed from a dump.
    """
    body = json.dumps(
        {"act": str(act), "target": str(target_id), "content": _plain(content)},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return hmac.digest(keys.system_key(PRINT_KEY), body.encode(), "sha256").hex()


def _plain(value: object) -> Any:
    """Return `value` as JSON that two writers write alike, each type told apart."""
    if value is None or (isinstance(value, bool | int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, UUID):
        return {"uuid": value.hex}
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise TypeError("an instant needs its zone")
        return {"instant": value.timestamp().hex()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, Mapping):
        return {"map": {str(key): _plain(item) for key, item in value.items()}}
    if isinstance(value, frozenset | set):
        return {"set": sorted((_plain(item) for item in value), key=repr)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def ask(
    *,
    by: Viewer,
    act: str,
    target_id: UUID,
    content: Mapping[str, object],
    reason: str,
    words: str = "",
    count: int = 1,
    reference: str = "",
    now: datetime,
) -> Approval:
    """Ask for the agreement of a second person to `act` with this exact content, and tell those who may give it.

    The room of the act decides first whether `by` may do it. The same request, still waiting, is returned as it
    is. Raises InputRefused (no reason), GuardRefused (nobody could agree), ValueError (unknown act).
    """
    code = ApprovalAct(act)
    if reason not in ApprovalReason.values:
        raise InputRefused("Choisissez le motif.", field="reason")
    if len(words) > MAX_WORDS:
        raise InputRefused(f"{MAX_WORDS} caractères au plus.", field="words")
    if not by.live(now) or not by.charter_signed:
        raise AccessRefused(code="mandate")
    stamp = content_print(code, target_id, content)
    pending = Approval.objects.filter(
        territory_id=by.territory_id, act=code, target_id=target_id, content_print=stamp, asked_by=by.agent_id,
        state__in=(ApprovalState.ASKED, ApprovalState.APPROVED), expires_at__gt=now,
    )  # fmt: skip
    if found := next(iter(genuine.kept(pending)), None):
        return found
    territory = Territory.objects.get(pk=by.territory_id)
    row = TABLE[code]
    approval = Approval(
        id=uuid.uuid4(), territory=territory, act=code, target_id=target_id, reference=reference, count=count,
        reason=reason, words=words.strip(), content_print=stamp, asked_by=by.agent_id, asked_as=by.mandate_id,
        asked_from=by.organisation_id, asked_at=now, expires_at=now + row.waits, deputy_from=_deputies_from(territory, now),
    )  # fmt: skip
    approval.subject_id = approval.pk
    told = seconds.of(approval, now)
    if not told and not seconds.of(approval, approval.deputy_from):
        raise GuardRefused(
            "Personne ne peut donner ce second accord : faites désigner une personne « seconde validation »."
        )
    keys.ensure(approval.pk)
    with audit.writing(by, now=now) as w:
        approval.save(force_insert=True)
        w.note(Act.CREATE, approval, why=code.value, n=count)
        _tell(told, now)
    return approval


def approve(*, by: Viewer, approval_id: UUID, now: datetime) -> Approval:
    """Agree, as the second person. Raises AccessRefused (absent, or not one who may), GuardRefused (too late)."""
    return _decide(by, approval_id, ApprovalState.APPROVED, now)


def refuse(*, by: Viewer, approval_id: UUID, now: datetime) -> Approval:
    """Refuse, as the second person. Raises as `approve`."""
    return _decide(by, approval_id, ApprovalState.REFUSED, now)


def _decide(by: Viewer, approval_id: UUID, to: ApprovalState, now: datetime) -> Approval:
    with audit.writing(by, now=now) as w:
        acting(by, now)  # the function may have ended since the page was shown
        approval = _locked(approval_id, by)
        if not seconds.may(by, approval, now):
            raise AccessRefused(code="second")
        if approval.state != ApprovalState.ASKED or not approval.runs(now):
            raise GuardRefused("Cette demande n’attend plus de réponse.")
        approval.state = to
        approval.decided_by, approval.decided_as, approval.decided_at = by.agent_id, by.mandate_id, now
        if to == ApprovalState.APPROVED:
            approval.expires_at = now + TABLE[approval.act].holds
        approval.save()
        w.note(Act.CHANGE, approval, why=to.value, n=approval.count)
        asker = Mandate.objects.filter(pk=approval.asked_as).select_related("agent").first()
        if asker is not None:
            _mail(asker, "Une réponse à votre demande", "Une réponse a été donnée à l’une de vos demandes.", now)
    return approval


def withdraw(*, by: Viewer, approval_id: UUID, now: datetime) -> Approval:
    """Take one's own request back, answered or not. Raises AccessRefused, GuardRefused (already carried out)."""
    with audit.writing(by, now=now) as w:
        approval = _locked(approval_id, by)
        if approval.asked_by != by.agent_id:
            raise AccessRefused(code="asker")
        if approval.state not in (ApprovalState.ASKED, ApprovalState.APPROVED):
            raise GuardRefused("Cette demande est déjà close.")
        approval.state = ApprovalState.WITHDRAWN
        approval.save()
        w.note(Act.CHANGE, approval, why="withdrawn")
    return approval


def take(*, w: Writing, act: str, target_id: UUID, content: Mapping[str, object], now: datetime) -> Approval:
    """Use up the agreement to this very act, target and content, inside the transaction that carries it out.

    Only whoever asked (or a command) takes it, once, before it expires, while the function of the one who agreed
    still runs. Raises GuardRefused otherwise: nothing else in the content may differ by a letter.
    """
    stamp = content_print(ApprovalAct(act), target_id, content)
    rows = Approval.objects.select_for_update(of=("self",)).filter(
        act=act, target_id=target_id, content_print=stamp, state=ApprovalState.APPROVED, expires_at__gt=now
    )
    if w.actor.agent_id is not None and w.actor.territory_id is not None:
        rows = rows.filter(asked_by=w.actor.agent_id, territory_id=w.actor.territory_id)
    elif w.actor.agent_id is not None:
        rows = rows.none()
    for approval in genuine.kept(rows.order_by("decided_at", "id")):
        if not approval.runs(now) or not seconds.still_counts(approval, now):
            continue
        approval.state, approval.used_at = ApprovalState.USED, now
        approval.save()
        w.note(Act.CHANGE, approval, why="used", n=approval.count)
        return approval
    raise GuardRefused(NOT_AGREED)


def is_agreed(*, by: Viewer, act: str, target_id: UUID, content: Mapping[str, object], now: datetime) -> bool:
    """Say whether `take` would find an agreement, for a page that offers the act. `take` asks again."""
    stamp = content_print(ApprovalAct(act), target_id, content)
    rows = Approval.objects.filter(
        act=act, target_id=target_id, content_print=stamp, state=ApprovalState.APPROVED, expires_at__gt=now,
        asked_by=by.agent_id, territory_id=by.territory_id,
    )  # fmt: skip
    return any(row.runs(now) and seconds.still_counts(row, now) for row in genuine.kept(rows))


def remind_deputies(now: datetime) -> int:
    """Ask the deputies of the valideur about what nobody answered for five working days; return how many requests."""
    late = Approval.objects.filter(
        state=ApprovalState.ASKED, expires_at__gt=now, deputy_from__lte=now, deputy_asked_at=None
    )
    done = 0
    for approval in genuine.kept(late.order_by("asked_at", "id")):
        with audit.writing(audit.system_actor(approval.territory_id), now=now) as w:
            locked = Approval.objects.select_for_update(of=("self",)).get(pk=approval.pk)
            if locked.deputy_asked_at is None:
                locked.deputy_asked_at = now
                locked.save()
                _tell(seconds.deputies(locked, now), now)
                w.note(Act.CHANGE, locked, why="deputy_asked")
                done += 1
    return done


def _locked(approval_id: UUID, by: Viewer) -> Approval:
    rows = Approval.objects.select_for_update(of=("self",)).filter(pk=approval_id, territory_id=by.territory_id)
    approval = rows.first()
    if approval is None or not row_is_genuine(approval):
        raise AccessRefused(code="approval")
    return approval


def _deputies_from(territory: Territory, now: datetime) -> datetime:
    day = lent.add_working_days(localdate(now), DEPUTY_AFTER, territory.holiday_set)
    return local_midnight(day + timedelta(days=1), territory.time_zone)


def _tell(mandates: list[Mandate], now: datetime) -> None:
    """Tell each person once that something waits; no act, no reference, no name."""
    for mandate in {mandate.agent_id: mandate for mandate in mandates}.values():
        _mail(
            mandate, "Une demande attend votre accord",
            "Une demande qui se décide à deux attend votre réponse. Vous la trouverez dans « Mon travail ».", now,
        )  # fmt: skip


def _mail(mandate: Mandate, subject: str, line: str, now: datetime) -> None:
    body = "\n".join(("Bonjour,", "", line, "", "Ce message ne contient aucune information sur une situation."))
    lent.send(to=mandate.agent.email, subject=subject, body=body, now=now)
