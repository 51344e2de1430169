"""The register of labels: missing, changed, doubled, removed lines fail the system check."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from casework.sealing import labels
from casework.sealing.fields import SealedDate, SealedText
from casework.sealing.labels import Line, faults


def text(label, **options):
    return SealedText(label=label, data_class="x", **options)


def codes(fields, lines):
    return [problem.id for problem in faults(fields, lines)]


NAME = {"a.b.name": Line("content", "text")}


def test_agreement():
    assert codes([text("a.b.name")], NAME) == []


def test_missing():
    assert codes([text("a.b.name"), text("a.b.other")], NAME) == ["sealing.E010"]


@pytest.mark.parametrize(
    "field", [text("a.b.name", drawer="identity"), SealedDate(label="a.b.name", data_class="x")], ids=["drawer", "kind"]
)
def test_changed(field):
    assert codes([field], NAME) == ["sealing.E011"]


def test_removed():
    lines = {**NAME, "a.b.gone": Line("content", "text")}
    assert codes([text("a.b.name")], lines) == ["sealing.E012"]
    assert codes([text("a.b.name")], {**NAME, "a.b.gone": Line("content", "text", retired=True)}) == []


def test_a_room_that_is_switched_off_keeps_its_lines():
    assert codes([text("a.b.name")], {**NAME, "vif.measure.note": Line("content", "text")}) == []


def test_duplicate():
    assert codes([text("a.b.name"), text("a.b.name")], NAME) == ["sealing.E013"]


def test_a_retired_label_is_never_used_again():
    assert codes([text("a.b.name")], {"a.b.name": Line("content", "text", retired=True)}) == ["sealing.E010"]


def test_the_register_of_the_project_agrees_with_its_fields():
    assert labels.check_labels(None) == []


@pytest.mark.parametrize("line", ["a.b.c", "a.b.c content", "a.b.c content text old", "a.b.c content text retired x"])
def test_a_line_that_says_nothing_is_refused(tmp_path, line, monkeypatch):
    path = tmp_path / "labels.txt"
    path.write_text(line + "\n")
    with pytest.raises(ValueError, match="line 1"):
        labels.read(path)
    monkeypatch.setattr(labels, "read", lambda: labels.__dict__["REGISTER"] and (_ for _ in ()).throw(ValueError("x")))
    assert [problem.id for problem in labels.check_labels(None)] == ["sealing.E014"]


def test_a_doubled_line_is_refused(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("a.b.c content text\n# a remark\n\na.b.c identity text\n")
    with pytest.raises(ValueError, match="line 4"):
        labels.read(path)


def test_registering_appends_and_changes_nothing(tmp_path):
    path = tmp_path / "labels.txt"
    new = labels.register(path)
    assert "partners.totp_device.seed content text" in new
    first = path.read_text()
    assert labels.register(path) == []
    assert path.read_text() == first
    path.write_text("a.b.c content text retired\n")
    labels.register(path)
    assert path.read_text().startswith("a.b.c content text retired\n")
    assert labels.read(path)["a.b.c"].retired


def test_the_command_adds_nothing_to_a_complete_register(capsys):
    before = labels.REGISTER.read_text()
    call_command("labels_register")
    assert labels.REGISTER.read_text() == before
    assert capsys.readouterr().out == ""


def test_labels_are_never_derived_from_a_table():
    """Renaming a table or a column is free: the label is a literal of the field."""
    field = text("a.b.name")
    field.contribute_to_class(type("M", (), {"_meta": type("O", (), {"add_field": lambda *a, **k: None})}), "renamed")
    assert field.label == "a.b.name"
