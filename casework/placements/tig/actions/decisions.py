"""The decision of assignment and the name that comes with it (ASG-01 to ASG-04)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import mailer
from casework.errors import GuardRefused, InputRefused
from casework.partners.codes import Role
from casework.placements.hosts.codes import AccreditationState, LegalKind, PostState
from casework.placements.hosts.models import Accreditation, Post
from casework.placements.tig import facts
from casework.placements.tig.actions import team
from casework.placements.tig.codes import AUTHORS, State
from casework.placements.tig.models import Decision, TigPlacement
from casework.placements.tig.states import LIFECYCLE


def is_accredited(post: Post, audience: str, on: date) -> bool:
    """Say whether the host may receive this public on that day; public bodies need nothing (HOST-02, HOST-04)."""
    if post.host.legal_kind == LegalKind.PUBLIC:
        return True
    return Accreditation.objects.filter(
        host_id=post.host_id, audience=audience, state=AccreditationState.GRANTED, decided_on__lte=on,
        expires_on__gte=on,
    ).exists()  # fmt: skip


def decide(
    *, by: Viewer, placement: TigPlacement, author: str, decided_on: date, last_name: str, first_name: str,
    phone: str, now: datetime, expected: int | None,
) -> Decision:  # fmt: skip
    """Record the decision with its author, and the name, which the host reads from then on.

    Raises AccessRefused, InputRefused, GuardRefused (not accepted, post no longer listed, host not accredited).
    """
    facts.require_on(by, placement, Action.MOVE, DataClass.SENTENCE, now)
    if author not in AUTHORS[placement.audience]:
        raise InputRefused("Cette autorité ne décide pas pour ce public.", field="author")
    today = localdate(now)
    if decided_on > today:
        raise InputRefused("La décision est déjà prise : vérifiez la date.", field="decided_on")
    if not last_name.strip() or not first_name.strip():
        raise InputRefused("Indiquez le nom et le prénom : la structure en a besoin pour l’accueil.", field="last_name")
    post = placement.post
    if post is None:
        raise GuardRefused("Choisissez d’abord un poste.")
    if post.state != PostState.LISTED or post.listed_on(placement.audience) is None:
        raise GuardRefused("Le poste n’est plus sur la liste de ce public (CPEN R623-12).")
    if not is_accredited(post, placement.audience, today):
        raise GuardRefused("L’habilitation de la structure n’est pas ou plus valable (CPEN R623-3).")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        LIFECYCLE.apply(
            placement, State.ASSIGNED, w=w, by=by, now=now, expected_revision=expected,
            identity={"last_name": last_name.strip(), "first_name": first_name.strip(), "phone": phone.strip()},
        )  # fmt: skip
        row = Decision(
            subject_id=placement.subject_id, territory_id=placement.territory_id, placement=placement, post=post,
            author=author, decided_on=decided_on, minutes=placement.minutes_here, recorded_by=by.mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[DataClass.PLACEMENT], why=author)
        team.tell(team.holders(placement, (Role.HOST,), now), now=now)
    return row
