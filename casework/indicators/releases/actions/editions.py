"""A release, from the proposal to the publication: two persons, on the very same numbers (design.md §11, LOG)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.utils.timezone import localdate

from casework import audit
from casework.access import approvals
from casework.access.approvals import ApprovalAct, ApprovalReason
from casework.access.approvals import actions as agreements
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.indicators.releases import building, catalogue, disclosure, facts, insiders, vector
from casework.indicators.releases.codes import ReleaseState
from casework.indicators.releases.disclosure import Finding, Known
from casework.indicators.releases.models import Release
from casework.indicators.releases.reads import atoms
from casework.indicators.releases.tables import populations

NOTHING = "Rien de nouveau à publier pour {year} : les chiffres de l’année ne sont pas encore comptés, ou le sont déjà."
ALTERED = "Les chiffres de cette proposition ont changé : retirez-la et préparez-la de nouveau."
NARROW = "Ces chiffres, ajoutés à ceux qui sont publiés, diraient trop de quelqu’un : l’édition n’est pas publiée."


def propose(*, by: Viewer, year: int, now: datetime) -> Release:
    """Draw the edition of a closed year and ask for the second agreement; return the proposal.

    Raises AccessRefused, InputRefused (year not over), GuardRefused (nothing new, one waits already, nobody to agree).
    """
    facts.require_evaluation(by, Action.CREATE, now)
    if year >= localdate(now).year:
        raise InputRefused("Cette année n’est pas terminée.", field="year")
    rows = Release.objects.filter(territory_id=by.territory_id)
    if rows.filter(state=ReleaseState.PROPOSED).exists():
        raise GuardRefused("Une édition attend déjà le second accord.")
    drawn = [each for each in atoms.draw(by.territory_id, year) if each.taken is not None]
    if all(each.kept for each in drawn):
        raise GuardRefused(NOTHING.format(year=year))
    kept = vector.stored([each.taken.table for each in drawn if each.taken])
    _attack(by, kept)
    version = 1 + max(rows.filter(year=year).values_list("version", flat=True), default=0)
    release = Release(
        id=uuid.uuid4(), territory_id=by.territory_id, year=year, version=version, vector=kept,
        digest=vector.digest(kept), proposed_at=now, proposed_by=by.mandate_id,
    )  # fmt: skip
    shown = sum(number.n is not None for table in vector.read(kept) for number in table.numbers)
    asked = agreements.ask(
        by=by, act=ApprovalAct.STATS_RELEASE, target_id=release.pk, content=_content(release),
        reason=ApprovalReason.TERM, count=shown, now=now,
    )  # fmt: skip
    try:
        with audit.writing(by, now=now) as w:
            release.save(force_insert=True)
            w.note(Act.CREATE, release, n=shown, why="proposed")
    except GuardRefused:  # somebody else proposed meanwhile: nobody is asked about an edition that is not
        agreements.withdraw(by=by, approval_id=asked.pk, now=now)
        raise
    return release


def publish(*, by: Viewer, release: Release, expected: int | None, now: datetime) -> None:
    """Publish what the second person agreed to, number by number.

    Attacked once more with all that is published. Raises AccessRefused, GuardRefused, ConflictRefused.
    """
    facts.require_evaluation(by, Action.CHANGE, now)
    _refuse_altered(release)
    _attack(by, release.vector)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Release.objects.filter(territory_id=by.territory_id), release.pk, expected)
        _refuse_settled(row)
        _refuse_altered(row)
        taken = agreements.take(w=w, act=ApprovalAct.STATS_RELEASE, target_id=row.pk, content=_content(row), now=now)
        revision.save(row, state=ReleaseState.PUBLISHED, published_at=now, agreed_by=taken.decided_as)
        w.note(Act.MOVE, row, why="published")


def withdraw(*, by: Viewer, release: Release, expected: int | None, now: datetime) -> None:
    """Take a proposal back before it is published, and the request that goes with it. Raises as `publish`."""
    facts.require_evaluation(by, Action.CHANGE, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(Release.objects.filter(territory_id=by.territory_id), release.pk, expected)
        _refuse_settled(row)
        revision.save(row, state=ReleaseState.WITHDRAWN)
        w.note(Act.MOVE, row, why="withdrawn")
    asked = approvals.reads.mine_about(by, ApprovalAct.STATS_RELEASE, release.pk, now)
    if asked is not None and asked.may_withdraw:
        agreements.withdraw(by=by, approval_id=asked.id, now=now)


def is_agreed(*, by: Viewer, release: Release, now: datetime) -> bool:
    """Say whether `publish` would find the agreement."""
    return agreements.is_agreed(
        by=by, act=ApprovalAct.STATS_RELEASE, target_id=release.pk, content=_content(release), now=now
    )


def _content(release: Release) -> dict[str, object]:
    return {"year": release.year, "version": release.version, "digest": release.digest}


def _refuse_settled(row: Release) -> None:
    if row.state != ReleaseState.PROPOSED:
        raise GuardRefused("Cette édition n’attend plus de réponse.")


def _refuse_altered(row: Release) -> None:
    if vector.digest(row.vector) != row.digest:
        raise GuardRefused(ALTERED)


def _attack(by: Viewer, kept: list[dict[str, object]]) -> None:
    """Read all that was ever published, and this, as an attacker would (§3.14). Raises GuardRefused.

    As anybody; then as one person who counts himself out, and as each service that counts out its own: what earlier editions
    gave away to these by themselves, before they were looked at, stops no later one.
    """
    whole = {each.key: each for each in populations()}
    known = building.in_use(catalogue.TABLES, whole)
    former = atoms.released(by.territory_id)
    names = {(table.key, table.first, table.last) for table in former}
    new = [table for table in vector.read(kept) if (table.key, table.first, table.last) not in names]
    before = [cell for table in former for cell in building.knowns(table, known)]
    everything = [*before, *(cell for table in new for cell in building.knowns(table, known))]
    with atoms.judged():
        somebody, services = building.readers(atoms.sheets(by.territory_id), catalogue.TABLES, whole)

        def told(cells: Sequence[Known]) -> set[Finding]:
            return {*disclosure.audit(cells, present=somebody), *insiders.audit(cells, services)}

        if disclosure.audit(everything) or ((found := told(everything)) and found - told(before)):
            raise GuardRefused(NARROW)
