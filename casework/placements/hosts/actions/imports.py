"""« Reprendre l’extrait TIG 360° »: read, check line by line, then write all valid lines or none (ATG-04)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import drafts, workbook
from casework.casefile import reads as lists
from casework.casefile.codes import ListCode
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.hosts import extract, facts
from casework.placements.hosts.actions import posts
from casework.placements.hosts.codes import LISTS_FOR, Audience, HostStage, LegalKind
from casework.placements.hosts.data import PostData
from casework.placements.hosts.extract import Column, Line, Table
from casework.placements.hosts.models import HostStructure, Post
from casework.placements.hosts.states import HOST
from casework.sealing import keys

FORM = "hosts.tig360"
LONGEST = {Column.NUMBER: 40, Column.HOST: 120, Column.NATURE: 120, Column.ADDRESS: 200}


def require_right(by: Viewer, now: datetime) -> None:
    """Let in only the service that answers for an official list. Raises AccessRefused."""
    facts.require_new_host(by, now)
    if by.role not in LISTS_FOR:
        raise AccessRefused(code="authority")


def deposit(*, by: Viewer, content: bytes, now: datetime) -> None:
    """Read a file and keep its lines as a draft of this function. Raises AccessRefused, InputRefused (field `file`)."""
    require_right(by, now)
    found = extract.table(workbook.read_sheets(content))
    if len(found.lines) > workbook.MAX_ROWS:
        raise workbook.refused("too_big")
    payload = {"headers": list(found.headers)} | {str(number): list(cells) for number, cells in found.lines}
    drafts.save(by, FORM, payload, now=now)


def deposited(by: Viewer, now: datetime) -> Table | None:
    """Return the lines that were handed in, None when there are none."""
    require_right(by, now)
    draft = drafts.load(by, FORM, now=now)
    if draft is None:
        return None
    lines = tuple((int(name), tuple(cells)) for name, cells in draft.fields.items() if name.isdigit())
    return Table(headers=tuple(draft.fields["headers"]), lines=lines)


def discard(*, by: Viewer, now: datetime) -> None:
    """Forget what was handed in."""
    require_right(by, now)
    drafts.discard(by, FORM)


def report(*, by: Viewer, found: Table, mapping: Mapping[int, Column], now: datetime) -> list[Line]:
    """Return what each line would write, or why it would not."""
    require_right(by, now)
    today = localdate(now)
    public = LISTS_FOR[by.role]
    numbers = Post.objects.filter(territory_id=by.territory_id).exclude(tig360_number="")
    lines = extract.read(
        found, mapping, audience=Audience(public.value),
        activities=[label for _, label in lists.choices(by.territory_id, ListCode.ACTIVITY_SECTOR, today)],
        sectors=[label for _, label in lists.choices(by.territory_id, ListCode.PLACE_SECTOR, today)],
        known_numbers=set(numbers.values_list("tig360_number", flat=True)), max_lengths=LONGEST,
    )  # fmt: skip
    return [_ours(line, public.value) for line in lines]


def _ours(line: Line, public: str) -> Line:
    """Refuse what the other authority lists: each takes over its own public."""
    if not line.refused and line.audience not in (public, Audience.BOTH):
        return replace(line, refused="Pour l’autre public : à reprendre par l’autre service")
    return line


def carry_out(*, by: Viewer, found: Table, mapping: Mapping[int, Column], now: datetime) -> int:
    """Write every valid line, all or none; return how many. Raises AccessRefused, GuardRefused, InputRefused."""
    valid = [line for line in report(by=by, found=found, mapping=mapping, now=now) if not line.refused]
    if not valid:
        raise GuardRefused("Aucune ligne ne peut être reprise.")
    today = localdate(now)
    activities = {label: pk for pk, label in lists.choices(by.territory_id, ListCode.ACTIVITY_SECTOR, today)}
    sectors = {label: pk for pk, label in lists.choices(by.territory_id, ListCode.PLACE_SECTOR, today)}
    hosts = {row.name.casefold(): row for row in HostStructure.objects.filter(territory_id=by.territory_id)}
    new = {line.host.casefold(): uuid.uuid4() for line in valid if line.host.casefold() not in hosts}
    for pk in new.values():
        keys.ensure(pk)
    with audit.writing(by, now=now) as w:
        for line in valid:
            host = hosts.get(line.host.casefold())
            if host is None:
                pk = new[line.host.casefold()]
                # Without a known kind: one that needs an accreditation, never one that does without (HOST-02).
                host = HostStructure(
                    id=pk, subject_id=pk, territory_id=by.territory_id, name=line.host, address=line.address,
                    legal_kind=line.legal_kind or LegalKind.ASSOCIATION, stage_on=today, created_by=by.mandate_id,
                )  # fmt: skip
                host.contact = host.phone = host.email = ""
                HOST.apply(host, HostStage.AGREED, w=w, by=by, now=now)
                hosts[line.host.casefold()] = host
            data = PostData(
                nature=line.nature, activity=activities[line.activity], audience=line.audience, address=line.address,
                sector=sectors.get(line.sector), tig360_number=line.tig360_number,
            )  # fmt: skip
            posts.enter_listed(w, by=by, host=host, data=data, half_days=(), now=now)
        w.note(
            Act.IMPORT, None, object_type="hosts.post", territory_id=by.territory_id, why="tig360", n=len(valid),
            classes=[DataClass.TIG_POSTS], module="placements",
        )  # fmt: skip
    return len(valid)


def mapping_of(values: list[str]) -> dict[int, Column]:
    """Return the mapping that a form posted. Raises InputRefused when a needed column is missing or taken twice."""
    try:
        mapping = {place: Column(value) for place, value in enumerate(values)}
    except ValueError:
        raise InputRefused("Choisissez chaque colonne dans la liste.") from None
    taken = [column for column in mapping.values() if column is not Column.IGNORED]
    if len(taken) != len(set(taken)):
        raise InputRefused("Une même donnée est prise dans deux colonnes.")
    if missing := [column.label for column in extract.NEEDED if column not in taken]:
        raise InputRefused(f"Il manque : {', '.join(missing)}.")
    return mapping
