"""What CPP 41-3-1 asks, condition by condition; terms, tests and reminders (TGD-01 to TGD-07, DL-15, DL-16, DL-24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.apps import apps

from casework.vif.phones import law
from casework.vif.phones.law import Checklist, Condition

COMPLETE = Checklist(
    ground="former", ground_proof="police", apart=Condition(met=True, proof="said"), ban="protection_order",
    ban_proof="decision", ban_ends_on=None, consent=Condition(met=True, proof="signed"), location=False,
)  # fmt: skip


@pytest.mark.rule("TGD-01", "TGD-04", "TGD-05", "TGD-06", "TGD-07")
@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, []),
        ({"ground": "rape"}, []),
        ({"ground": "neighbour"}, ["ground"]),
        ({"ground_proof": ""}, ["ground"]),
        ({"apart": Condition(met=False, proof="said")}, ["apart"]),
        ({"apart": Condition(met=True)}, ["apart"]),
        ({"ban": ""}, ["ban"]),
        ({"ban": "immediate_order"}, []),
        ({"ban_proof": "said"}, ["ban_proof"]),
        ({"ban_proof": "police"}, ["ban_proof"]),
        ({"ban": "on_the_run", "ban_proof": "police"}, []),
        ({"ban": "not_arrested", "ban_proof": "said"}, ["ban_proof"]),
        ({"consent": Condition(met=False, proof="signed")}, ["consent"]),
        ({"consent": Condition(met=True, proof="police")}, ["consent"]),
        ({"location": None}, ["location"]),
        ({"location": True}, []),
        ({"apart": Condition(met=False), "consent": Condition(met=False)}, ["apart", "consent"]),
    ],
)
def test_each_condition_is_met_and_proved(changes: dict[str, object], missing: list[str]) -> None:
    """Her word alone proves neither a ban nor a danger; being located is her own choice, never a condition."""
    assert [field for field, _ in law.missing(replace(COMPLETE, **changes))] == missing  # type: ignore[arg-type]  # one case each


@pytest.mark.rule("TGD-03", "DL-15")
def test_six_months_then_six_more() -> None:
    start = date(2026, 8, 31)
    term = law.ends_on(start)
    assert term == date(2027, 2, 28)
    assert law.renewed_to(term, date(2027, 2, 10)) == date(2027, 8, 28)
    # A decision that comes late gives six months from its own day: the days between stay without one.
    assert law.renewed_to(term, date(2027, 3, 5)) == date(2027, 9, 5)


@pytest.mark.rule("DL-15")
@pytest.mark.parametrize(
    ("left", "step"), [(46, None), (45, 15), (16, 15), (15, 3), (4, 3), (3, 0), (1, 0), (0, 0), (-9, 0)]
)
def test_the_term_is_called_to_mind_at_45_15_and_3_days(left: int, step: int | None) -> None:
    term = date(2026, 6, 1)
    said = law.step_to_come(term, term - timedelta(days=left))
    assert said == (None if step is None else term - timedelta(days=step))


@pytest.mark.rule("TGD-13", "DL-16", "DL-24")
def test_tests_and_evaluations_have_their_days() -> None:
    assert law.next_test(date(2026, 3, 1)) == date(2026, 3, 16)
    assert [law.misses(each) for each in ([], ["passed", "failed"], ["failed", "passed"], ["not_reached", "failed"])] == [
        0, 0, 1, 2,
    ]  # fmt: skip
    friday = date(2026, 5, 8)  # a public holiday
    assert law.evaluate_by(friday, "FR") == date(2026, 5, 18)  # Ascension is one too
    assert law.half_way(date(2026, 5, 8), date(2026, 5, 18)) == date(2026, 5, 13)
    assert law.written_by(date(2026, 5, 7), "FR") == date(2026, 5, 12)


@pytest.mark.rule("TGD-14", "TGD-15", "TGD-18")
def test_no_model_has_a_place_for_a_position_or_an_alert() -> None:
    """Whoever adds such a column makes this test red; the recipients of the sheet are those of the decree."""
    from casework.vif.phones.codes import Recipient

    words = ("lat", "lon", "position", "gps", "geo", "alert", "location", "address", "place", "audio", "recording")
    columns = {f"{m.__name__}.{f.name}" for m in apps.get_app_config("vif_phones").get_models() for f in m._meta.fields}
    found = {name for name in columns if any(word in name.lower().split(".")[1].split("_") for word in words)}
    assert columns
    assert not found
    assert set(Recipient.values) == {"prosecutor", "operator", "police", "gendarmerie"}
