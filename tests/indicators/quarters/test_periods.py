"""Quarters, counts by sector and the vector: plain functions."""

from __future__ import annotations

from datetime import date

import pytest

from casework.errors import InputRefused
from casework.indicators.quarters import codes, counts, dashboard, periods
from casework.indicators.quarters.codes import ELSEWHERE, INDICATORS, Giver
from casework.indicators.quarters.dashboard import Answer, Why
from casework.indicators.quarters.periods import Period

SECTORS = ["Centre", "Maille 2", "Les Griffons"]


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2026, 1, 1), "2026-1"), (date(2026, 3, 31), "2026-1"), (date(2026, 4, 1), "2026-2"), (date(2026, 12, 31), "2026-4")],
)  # fmt: skip
def test_each_day_has_its_quarter(day, code):
    assert periods.of(day).code == code
    assert periods.read(code) == periods.of(day)


def test_a_quarter_knows_its_days_and_its_neighbours():
    first = Period(2026, 1)
    assert (first.first, first.last) == (date(2026, 1, 1), date(2026, 3, 31))
    assert first.back(1) == Period(2025, 4)
    assert first.back(4) == Period(2025, 1)
    assert first.back(-4) == Period(2027, 1)
    assert not first.is_over(date(2026, 3, 31))
    assert first.is_over(date(2026, 4, 1))


@pytest.mark.parametrize("code", ["", "2026", "2026-0", "2026-5", "26-1", "²026-1", "2026-1-1", "abcd-1"])
def test_what_is_no_quarter_is_none(code):
    assert periods.read(code) is None


@pytest.mark.rule("SDC-07")
def test_the_list_is_closed_and_about_twenty_each_with_its_definition():
    assert len({each.code for each in INDICATORS}) == len(INDICATORS) == 27
    assert {each.giver for each in INDICATORS} == set(Giver)
    assert all(each.definition.endswith(".") and each.label for each in INDICATORS)
    words = " ".join(f"{each.label} {each.definition}".lower() for each in INDICATORS)
    assert not [word for word in ("jeunes", "auteurs", "victimes", "mis en cause", "suspects") if word in words]


def test_a_quarrel_in_a_home_and_a_school_are_never_told_by_sector():
    assert not codes.BY_CODE["family_calls"].by_sector
    assert not any(each.by_sector for each in codes.of_giver(Giver.SCHOOL))


# What a partner may answer


def answer(**changes):
    return {"noise": dict.fromkeys([*SECTORS, ELSEWHERE], 1)} | changes


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"noise": {"Centre": 1}}, answer(joyrides=None), {"noise": dict.fromkeys([*SECTORS, ELSEWHERE], -1)},
        {"noise": dict.fromkeys([*SECTORS, ELSEWHERE], 10_000)}, {"noise": dict.fromkeys([*SECTORS, ELSEWHERE], True)},
        {"noise": dict.fromkeys([*SECTORS, ELSEWHERE, "Valcros"], 1)}, {"noise": dict.fromkeys([*SECTORS, ELSEWHERE], "1")},
    ],
)  # fmt: skip
def test_an_answer_is_whole_numbers_of_these_lines_and_these_sectors(wrong):
    with pytest.raises(InputRefused):
        counts.check(wrong, asked=["noise"], sectors=SECTORS)
    counts.check(answer(), asked=["noise"], sectors=SECTORS)
    counts.check({"noise": None}, asked=["noise"], sectors=SECTORS)


def test_two_landlords_are_added_and_one_who_does_not_know_adds_nothing():
    one, two = {"Centre": 3, ELSEWHERE: 1}, {"Centre": 4, ELSEWHERE: 0}
    assert counts.added([one, None, two], ["Centre", ELSEWHERE]) == {"Centre": 7, ELSEWHERE: 1}
    assert counts.added([None, None], ["Centre"]) is None


# What may be shown


@pytest.mark.rule("SDC-05", "SDC-06")
@pytest.mark.parametrize(
    ("cells", "expected", "total"),
    [
        ((12, 20, 8, 6), (12, 20, 8, 6), 46),
        ((12, 20, 8, 3), (12, 20, None, None), 43),  # the total would give the small one back
        ((12, 20, 3, 4), (12, 20, None, None), 39),
        ((12, 20, 3, 0), (None, 20, None, 0), 35),
        ((12, 20, 1, 1), (None, 20, None, None), 34),  # two together hold too few
        ((2, 1, 0, 1), (None,) * 4, None),
        ((0, 0, 0, 0), (0,) * 4, 0),
    ],
)
def test_few_facts_are_not_shown_nor_given_back_by_the_total(cells, expected, total):
    found, said = counts.shown(dict(zip("abcd", cells, strict=True)))
    assert tuple(found.values()) == expected
    assert said == total
    hidden = sum(n for n, each in zip(cells, found.values(), strict=True) if each is None)
    assert total is None or hidden == 0 or hidden >= counts.K_FACTS


def made(*answers, own=None, earlier=None):
    return dashboard.made(
        period=Period(2026, 3), sectors=SECTORS, own=own or {}, answers=answers, earlier=earlier or {}, words={}
    )


def row(vector, code):
    return next(each for each in vector.rows if each.code == code)


def said(n=12, **changes):
    cells = dict.fromkeys([*SECTORS, ELSEWHERE], n)
    return Answer(indicators=["noise", "joyrides"], counts={"noise": cells, "joyrides": cells} | changes)


def test_silent_not_known_and_not_asked_are_three_things_and_none_is_zero():
    silent = Answer(indicators=["noise"], counts=None)
    assert row(made(silent), "noise").why == Why.SILENT
    assert row(made(said(noise=None)), "noise").why == Why.UNKNOWN
    assert row(made(), "noise").why == Why.ABSENT
    assert [row(made(each), "noise").total for each in (silent, said(noise=None))] == [None, None]
    zero = row(made(said(0)), "noise")
    assert (zero.total, zero.why) == (0, "")


def test_a_line_given_by_some_says_how_many():
    found = row(made(said(), said(noise=None), Answer(indicators=["noise"], counts=None)), "noise")
    assert (found.total, found.gave, found.asked, found.is_partial) == (48, 1, 3, True)


def test_what_was_typed_by_the_coordinator_is_marked():
    cells = dict.fromkeys([*SECTORS, ELSEWHERE], 9)
    typed = Answer(indicators=["noise"], counts={"noise": cells}, by_telephone=True, remark="provisional")
    found = row(made(typed), "noise")
    assert found.by_telephone
    assert found.remarks == ("provisional",)


def test_the_four_quarters_before_begin_with_the_same_one_of_last_year():
    earlier = {Period(2025, 3): {"noise": 40}, Period(2026, 2): {"noise": 31}, Period(2024, 3): {"noise": 99}}
    assert row(made(said(), earlier=earlier), "noise").before == (40, None, None, 31)


@pytest.mark.rule("REC-26")
@pytest.mark.parametrize(
    ("was", "up", "down"), [(48, 0, 0), (57, 0, 0), (39, 0, 0), (36, 1, 0), (60, 0, 1), (None, 0, 0), (0, 1, 0)]
)  # 48 now; a move is ten at least and a fifth
def test_only_a_clear_move_since_last_year_is_said(was, up, down):
    vector = made(said(12, joyrides=None), earlier={Period(2025, 3): {"noise": was}})
    assert tuple(map(len, dashboard.moved(vector))) == (up, down)


def test_a_line_that_some_left_empty_is_compared_with_nothing():
    vector = made(
        said(), Answer(indicators=["noise"], counts=None), earlier={Period(2025, 3): {"noise": 5, "joyrides": 5}}
    )
    assert [each.code for each in dashboard.moved(vector)[0]] == ["joyrides"]


def test_a_vector_is_read_as_it_was_sealed():
    vector = made(said(3), own={"meetings": 3})
    assert dashboard.read(vector.stored()) == vector
    stored = str(vector.stored())
    assert "'Centre': 3" not in stored
    assert row(vector, "noise").cells.count(None) == 4 or row(vector, "noise").total == 12
