"""What attached documents register: their part of the page, and what a merge does with them."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.audit import Act, Writing
from casework.casefile.models import AttachedFile, FileContent
from casework.minors.followups import merge_hooks, sections
from casework.minors.followups.actions.files import SEALED
from casework.minors.followups.merge_hooks import Merge, copy_under
from casework.minors.followups.reads import files

sections.register(
    sections.Section(
        "documents", 20, "followups/_files.html", files.part,
        opens=frozenset({DataClass.YOUTH_REVIEW}),
    )
)  # fmt: skip


def bring_files(w: Writing, merge: Merge) -> None:
    """Seal the documents of the file that goes under the key of the person who stays."""
    for old in AttachedFile.objects.filter(record_id=merge.source.pk):
        content = FileContent.objects.get(file=old)
        copy = copy_under(old, merge.target, {"record_id": merge.target.pk})
        copy.save(force_insert=True)
        copy_under(content, merge.target, {"file_id": copy.pk}).save(force_insert=True)
        w.note(Act.CREATE, copy, subjects=[merge.target.subject_id], why="merged")
        w.note(Act.DELETE, old, subjects=[merge.source.subject_id], why="merged")
        old.delete()


merge_hooks.register(bring_files, classes=[SEALED])
