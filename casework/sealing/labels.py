"""The register of labels: labels.txt, one line per sealed field, checked in and append-only.

A label is part of what a value is bound to: change it and every stored value is lost. Each line reads
`label drawer kind`; a field that leaves the code keeps its line, with the word `retired` at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core import checks

from casework.sealing.fields import SealedField

REGISTER: Final = Path(__file__).with_name("labels.txt")
HEADING: Final = (
    "# Labels of sealed fields: label, drawer, kind. Append-only: a released line is never changed nor\n"
    "# removed, a field that leaves the code has its line end with `retired`. Written by `labels_register`.\n"
)


@dataclass(frozen=True)
class Line:
    """One line of the register."""

    drawer: str
    kind: str
    retired: bool = False


def read(path: Path = REGISTER) -> dict[str, Line]:
    """Return the register by label. Raises ValueError on a line that says nothing clear."""
    lines: dict[str, Line] = {}
    for number, raw in enumerate(path.read_text().splitlines(), start=1):
        words = raw.partition("#")[0].split()
        if not words:
            continue
        label, *rest = words
        if label in lines or len(rest) not in (2, 3) or rest[2:] not in ([], ["retired"]):
            raise ValueError(f"labels.txt, line {number}: {label}")
        lines[label] = Line(rest[0], rest[1], retired=len(rest) == 3)
    return lines


def sealed_fields() -> list[SealedField]:
    """Return every sealed field of the installed models; history copies carry the label of the live row."""
    return [
        field
        for model in apps.get_models()
        if not hasattr(model, "tracked_fields")
        for field in model._meta.local_fields
        if isinstance(field, SealedField)
    ]


def register(path: Path = REGISTER) -> list[str]:
    """Add the labels that the register lacks, sorted; return them."""
    known = read(path) if path.exists() else {}
    new = sorted(
        {f"{f.label} {f.drawer} {f.kind}" for f in sealed_fields() if f.label not in known},
    )
    if new or not path.exists():
        old = path.read_text() if path.exists() else HEADING
        path.write_text(old + "".join(f"{line}\n" for line in new))
    return new


def faults(fields: Iterable[SealedField], lines: Mapping[str, Line]) -> list[checks.CheckMessage]:
    """Say where fields and register differ: missing, changed, duplicate, removed."""
    found: list[checks.CheckMessage] = []
    seen: dict[str, SealedField] = {}
    for field in fields:
        line = lines.get(field.label)
        if field.label in seen:
            other = seen[field.label]
            found.append(_fault(f"Label {field.label} already belongs to {other}.", field, "E013"))
        elif line is None or line.retired:
            found.append(_fault(f"Label {field.label} is not in labels.txt.", field, "E010",
                                "Run `python manage.py labels_register` and commit labels.txt."))  # fmt: skip
        elif (line.drawer, line.kind) != (field.drawer, field.kind):
            found.append(_fault(f"Label {field.label} changed drawer or kind: stored values would be lost.",
                                field, "E011", "Take a new label and reseal."))  # fmt: skip
        seen.setdefault(field.label, field)
    # A subject that is switched off keeps its lines: only the rooms present are looked at.
    rooms = {label.partition(".")[0] for label in seen}
    for label in sorted(set(lines) - set(seen)):
        if not lines[label].retired and label.partition(".")[0] in rooms:
            found.append(_fault(f"Label {label} is in labels.txt, no field has it.", None, "E012",
                                "End its line with `retired` (or drop it if it was never released)."))  # fmt: skip
    return found


def _fault(message: str, field: SealedField | None, code: str, hint: str | None = None) -> checks.CheckMessage:
    return checks.Error(message, hint=hint, obj=field, id=f"sealing.{code}")


def check_labels(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """System check: the register and the fields agree."""
    try:
        lines = read()
    except (OSError, ValueError) as problem:
        return [_fault(f"labels.txt cannot be read: {problem}", None, "E014")]
    return faults(sealed_fields(), lines)
