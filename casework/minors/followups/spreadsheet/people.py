"""One file per person (SIT-03): which line is kept when several are the same person, and what is said of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from casework.casefile.matching import Likeness, duplicates
from casework.minors.followups.codes import ReferralReason
from casework.minors.followups.spreadsheet.lines import Draft
from casework.minors.followups.spreadsheet.report import EntryState, Level, Row, Status


def rows_of(drafts: Sequence[Draft]) -> tuple[Row, ...]:
    """Return the rows, one kept per person; the others refused, and doubts said on both sides."""
    looked = [draft for draft in drafts if draft.status in (Status.OK, Status.REFUSED)]
    pairs = [(looked[i], looked[j], likeness) for i, j, likeness in duplicates([draft.candidate for draft in looked])]
    group = {draft.line.number: draft.line.number for draft in looked}
    for one, other, likeness in pairs:
        if likeness is Likeness.SAME and one.entry and other.entry:
            old, new = group[other.line.number], group[one.line.number]
            group = {number: new if leader == old else leader for number, leader in group.items()}
    members: defaultdict[int, list[Draft]] = defaultdict(list)
    for draft in looked:
        if draft.entry:
            members[group[draft.line.number]].append(draft)
    kept_for: dict[int, int] = {}
    also: defaultdict[int, set[int]] = defaultdict(set)
    for same in members.values():
        _settle(same, kept_for, also)
    for one, other, likeness in pairs:
        for here, there in ((one, other), (other, one)):
            if there.line.number not in also[here.line.number]:
                _doubt(here, there, likeness, kept_for)
                also[here.line.number].add(there.line.number)
    return tuple(_row(draft, kept_for, also) for draft in drafts)


def _settle(same: Sequence[Draft], kept_for: dict[int, int], also: Mapping[int, set[int]]) -> None:
    """Keep one line of a person: an open one rather than a closed one, then the latest, then the first."""
    if len(same) < 2:
        return
    kept = min(same, key=_preference)
    others = [draft for draft in same if draft is not kept]
    for draft in same:
        also[draft.line.number].update(one.line.number for one in same if one is not draft)
    for draft in others:
        kept_for[draft.line.number] = kept.line.number
        draft.line.say(
            Level.REFUSED, "duplicate",
            f"Même personne que la ligne {kept.line.number}, qui est reprise : une seule fiche par personne.",
        )  # fmt: skip
    numbers = " et ".join(str(draft.line.number) for draft in others)
    missing = _reasons_left(kept, others)
    said = f" Motifs qui n’y sont pas repris : {', '.join(missing)}." if missing else ""
    which = "la ligne" if len(others) == 1 else "les lignes"
    kept.line.say(Level.WARNING, "kept", f"Même personne que {which} {numbers} : cette ligne seule est reprise.{said}")


def _preference(draft: Draft) -> tuple[bool, int, int]:
    entry = draft.entry
    if entry is None:
        raise ValueError("only lines that can be written are settled")
    began = entry.referral_on.toordinal() if entry.referral_on else 0
    return entry.state is EntryState.CLOSED, -began, draft.line.number


def _reasons_left(kept: Draft, others: Sequence[Draft]) -> list[str]:
    there = {reason for draft in others if draft.entry for reason in draft.entry.reasons}
    here = set(kept.entry.reasons) if kept.entry else set()
    return [str(reason.label) for reason in ReferralReason if reason.value in there - here]


def _doubt(here: Draft, there: Draft, likeness: Likeness, kept_for: Mapping[int, int]) -> None:
    number = there.line.number
    if here.line.number in kept_for or number in kept_for:
        # The line kept for that person says it already.
        return
    words_for = "Même personne que" if likeness is Likeness.SAME else "Peut-être la même personne que"
    here.line.say(Level.WARNING, "possible_duplicate", f"{words_for} la ligne {number} : vérifiez.")


def _row(draft: Draft, kept_for: Mapping[int, int], also: Mapping[int, set[int]]) -> Row:
    number = draft.line.number
    status, entry = draft.status, draft.entry
    if number in kept_for:
        status, entry = Status.REFUSED, None
    elif status is Status.OK and any(message.level is Level.WARNING for message in draft.line.messages):
        status = Status.WARNING
    return Row(
        line=number,
        status=status,
        messages=tuple(draft.line.messages),
        entry=entry,
        duplicate_of=kept_for.get(number),
        also=tuple(sorted(also.get(number, ()))),
    )
