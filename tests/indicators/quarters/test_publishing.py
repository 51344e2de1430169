"""The dashboard published once: what it hides, what it freezes, what is said of it, who met over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.casefile import work
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.indicators.quarters import documents, facts, own
from casework.indicators.quarters.actions import asking, meeting, publishing, words
from casework.indicators.quarters.actions.meeting import MeetingData
from casework.indicators.quarters.codes import ELSEWHERE
from casework.indicators.quarters.models import AnalysisMeeting, Quarter
from casework.indicators.quarters.reads import kept, pages
from tests.casefile.pdf_text import text as pdf_text
from tests.indicators.quarters.setting import filled, send
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")


def line(page, code):
    return next(each for group in page.groups for each in group.lines if each.code == code)


def shown(town, quarter, who="mayor"):
    return pages.page(town.viewer(who), facts.find(town.viewer(who), quarter.pk, town.now), town.now)


def cells(centre, maille, griffons, elsewhere=0):
    return {"Centre": centre, "Maille 2": maille, "Les Griffons": griffons, ELSEWHERE: elsewhere}


# What is shown


@pytest.mark.rule("SDC-04", "SDC-05", "SDC-06")
def test_few_facts_of_a_sector_are_not_shown_nor_found_by_difference(town):
    quarter = town.published(burglary=cells(12, 20, 2, 0))
    found = line(shown(town, quarter), "burglary")
    assert found.said == "34"
    assert [said for _, said in found.cells] == ["non affiché", "20", "non affiché", "0"]


@pytest.mark.rule("SDC-04", "SDC-05")
def test_few_facts_of_the_town_are_not_shown_at_all_and_none_is_shown_as_none(town):
    quarter = town.published(burglary=cells(2, 1, 0), vehicle=cells(0, 0, 0))
    page = shown(town, quarter)
    assert line(page, "burglary").said == "non affiché"
    assert {said for _, said in line(page, "burglary").cells} == {"non affiché"}
    assert line(page, "vehicle").said == "0"


@pytest.mark.attack("T-40")
@pytest.mark.rule("SDC-07")
def test_what_is_sealed_as_published_holds_no_hidden_number(town):
    quarter = town.published(burglary=cells(3, 1, 0), family_calls={"": 4})
    with audit.reading(
        town.viewer(), subjects=[quarter.pk], classes=["evaluation"], purpose=audit.Purpose.REVIEW, module="indicators",
    ):  # fmt: skip
        rows = {row["code"]: row for row in quarter.vector["rows"]}
    assert (rows["burglary"]["total"], rows["burglary"]["cells"]) == (None, [None] * 4)
    assert rows["family_calls"]["total"] is None


def test_each_indicator_shows_the_same_quarter_of_last_year_and_the_three_between(town):
    for back, n in ((4, 30), (2, 10), (1, 11)):
        town.published(period=town.last.back(back), n=n)
    quarter = town.published(n=12)
    found = line(shown(town, quarter), "burglary")
    assert [said for _, said in found.said_series] == ["120", "—", "40", "44", "48"]
    summary = shown(town, quarter).summary
    assert summary.startswith(f"Depuis le {town.last.back(4).label}, en baisse")
    assert "cambriolages (120 puis 48)" in summary
    assert "aucune ligne" not in summary
    assert found.picture.series[0].values == (120, None, 40, 44, 48)
    assert found.picture.years[-1] == quarter.period.short


def test_quarters_from_before_the_dashboard_take_no_room(town):
    first = shown(town, town.published(period=town.last.back(2), n=10))
    assert {len(each.said_series) for group in first.groups for each in group.lines} == {1}
    assert (first.has_past, first.has_last_year) == (False, False)
    town.published(period=town.last.back(1), n=11)
    third = shown(town, town.published(n=12))
    assert [said for _, said in line(third, "burglary").said_series] == ["40", "44", "48"]
    assert (third.has_past, third.has_last_year) == (True, False)


def test_a_number_hidden_last_year_stays_hidden_this_year(town):
    town.published(period=town.last.back(4), burglary=cells(2, 1, 0))
    found = line(shown(town, town.published()), "burglary")
    assert found.said_series[0][1] == "—"


def test_what_this_system_counts_is_filled_by_itself(town, counted):
    counted()
    page = shown(town, town.published())
    assert [line(page, code).said for code in ("meetings", "attendance", "hours", "posts")] == [
        "3",
        "87\u00a0%",
        "120\u00a0h",
        "9",
    ]
    assert line(page, "late").said == "non affiché"
    counted(attendance=())
    assert own.figures(town.people.territory.pk, town.last)["attendance"] is None


@pytest.mark.attack("T-54")
@pytest.mark.rule("SDC-07")
def test_what_moves_with_people_of_other_services_is_said_once_the_quarter_is_over(town, counted):
    """Of a quarter that runs, today's hours less yesterday's would be the TIG that ended in between."""
    counted()
    running = shown(town, town.opened(period=town.last.back(-1)), "coordinator")
    assert {line(running, code).said for code in ("half_days", "hours", "pupils")} == {"à la fin du trimestre"}
    assert line(running, "meetings").said == "3"
    over = shown(town, town.opened(), "coordinator")
    assert [line(over, code).said for code in ("half_days", "hours", "pupils")] == ["44", "120\u00a0h", "12"]


def test_without_an_answer_a_line_says_so(town):
    quarter = town.publish(town.opened())
    page = shown(town, quarter)
    assert line(page, "burglary").said == "pas encore reçu"
    assert line(page, "noise").said == "non suivi ici"


# Frozen


@pytest.mark.rule("SDC-07")
def test_a_published_dashboard_does_not_change_when_this_system_counts_anew(town, counted):
    counted()
    quarter = town.published()
    counted(sessions=99)
    assert line(shown(town, quarter), "meetings").said == "3"


@pytest.mark.rule("SDC-07")
def test_a_quarter_is_published_once_and_only_when_it_is_over(town):
    running = town.opened(period=town.last.back(-1))
    with pytest.raises(GuardRefused, match="se termine"):
        town.publish(running)
    quarter = town.published()
    with pytest.raises(GuardRefused, match="déjà publié"):
        town.publish(quarter)


@pytest.mark.attack("T-35")
def test_two_tabs_publish_once(town):
    quarter = town.opened()
    common = {"by": town.viewer(), "quarter": town.fresh(quarter), "expected": quarter.revision, "now": town.now}
    publishing.publish(**common)
    with pytest.raises(ConflictRefused):
        publishing.publish(**common)


@pytest.mark.attack("T-35")
def test_counts_that_come_in_while_it_is_published_are_not_left_out_unseen(town, monkeypatch):
    quarter = town.opened()
    read = kept.vector

    def meanwhile(by, row):
        found = read(by, row)
        town.answered(quarter)
        return found

    monkeypatch.setattr(kept, "vector", meanwhile)
    with pytest.raises(ConflictRefused):
        town.publish(quarter)
    assert town.fresh(quarter).published_at is None


@pytest.mark.parametrize("who", ["mayor", "pjj", "national_police", "prosecutor"])
def test_readers_do_not_publish(town, who):
    quarter = town.opened()
    with pytest.raises(AccessRefused):
        publishing.publish(by=town.viewer(who), quarter=quarter, expected=None, now=town.now)


def test_until_then_readers_see_the_last_one_published(town):
    before = town.published(period=town.last.back(1))
    town.opened()
    index = pages.index(town.viewer("mayor"), town.now)
    assert [each.id for each in index.quarters] == [before.pk]
    assert index.to_open == ()


def test_the_tab_shows_a_reader_the_last_one_at_once_and_the_way_to_the_others(town):
    before = town.published(period=town.last.back(1))
    quarter = town.published()
    client = client_for(town.people.mayor)
    text = client.get(reverse("quarters:index")).content.decode()
    assert f"Tableau de bord du {quarter.period.label}" in text
    assert reverse("quarters:page", args=[before.pk]) in text
    assert text.count('qu-charts">') > 0
    assert 'qu-charts" open' in client.get(reverse("quarters:index") + "?courbes=1").content.decode()


def test_counts_given_before_the_end_of_the_quarter_are_marked(town):
    quarter = town.opened(period=town.last.back(-1))
    town.answered(quarter)
    page = pages.page(town.viewer(), town.fresh(quarter), town.now)
    assert line(page, "burglary").notes == ("compté avant la fin du trimestre",)


# Words


def said(town, quarter, **changes):
    values = {"words": "", "mood": {}, "expected": None, "now": town.now} | changes
    words.describe(by=town.viewer(), quarter=town.fresh(quarter), **values)


def test_the_mood_is_a_code_and_a_few_words_by_sector(town):
    quarter = town.opened()
    said(
        town,
        quarter,
        words="Trimestre plus calme que l’an dernier.",
        mood={"Centre": ("tense", "Bruit le soir, place Gambetta.")},
    )
    words.comment(
        by=town.viewer(),
        quarter=town.fresh(quarter),
        code="burglary",
        words="Deux séries dans les garages.",
        expected=None,
        now=town.now,
    )
    page = shown(town, town.publish(quarter))
    assert page.words == "Trimestre plus calme que l’an dernier."
    assert [(each.sector, each.tone, each.words) for each in page.mood] == [
        ("Centre", "tendu", "Bruit le soir, place Gambetta.")
    ]
    assert line(page, "burglary").comment == "Deux séries dans les garages."


@pytest.mark.parametrize(
    "text",
    [
        "Signalé par Karim Benali.", "Appeler le 06 39 98 00 11.", "Au 12 rue des Lilas.", "ecrire a k.benali@example.org",
        "Un jeune schizophrène.", "Le fils de Mme Roussel.",
    ],
)  # fmt: skip
def test_words_that_name_somebody_are_refused_and_not_only_warned_about(town, text):
    quarter = town.opened()
    for change in ({"words": text}, {"mood": {"Centre": ("calm", text)}}):
        with pytest.raises(InputRefused, match="ne parle de personne"):
            said(town, quarter, **change)
    with pytest.raises(InputRefused):
        words.comment(by=town.viewer(), quarter=quarter, code="noise", words=text, expected=None, now=town.now)


def test_words_may_name_the_sectors_and_the_bodies(town):
    quarter = town.opened()
    said(town, quarter, words="Aux Griffons, le Commissariat central note des rodéos et des dégradations.")


def test_a_refused_comment_is_told_beside_its_field_and_kept(town):
    quarter = town.opened()
    page = reverse("quarters:describe", args=[quarter.pk])
    answer = send(client_for(town.people.coordinator), page, words="Vu Karim Benali", tone_0="calm")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Vu Karim Benali" in text
    assert "ne parle de personne" in text


def test_a_text_without_a_tone_asks_for_one(town):
    quarter = town.opened()
    with pytest.raises(InputRefused) as refusal:
        said(town, quarter, mood={"Maille 2": ("", "Calme.")})
    assert refusal.value.field == "tone_1"


@pytest.mark.attack("T-35")
def test_words_are_not_written_over_from_another_tab_nor_after_publication(town):
    quarter = town.opened()
    said(town, quarter, words="Un.", expected=quarter.revision)
    with pytest.raises(ConflictRefused):
        said(town, quarter, words="Deux.", expected=quarter.revision)
    town.publish(quarter)
    with pytest.raises(GuardRefused):
        said(town, quarter, words="Trois.")


# The analysis group


def met(town, quarter, expected=0, **changes):
    values = {
        "held_on": localdate(town.now), "next_on": localdate(town.now) + timedelta(days=90),
        "invited": ["Commissariat", "Habitat du Sud"], "points": ["burglary"],
        "conclusions": [("mediation", "Médiation aux Griffons le soir."), ("", "")],
    } | changes  # fmt: skip
    meeting.write(
        by=town.viewer(), quarter=town.fresh(quarter), data=MeetingData(**values), expected=expected, now=town.now
    )


def test_the_meeting_of_the_group_stands_under_the_quarter(town):
    town.add("landlord")
    quarter = town.published()
    met(town, quarter)
    found = shown(town, quarter).met
    assert found.invited == ("Commissariat", "Habitat du Sud")
    assert found.points == ("Cambriolages",)
    assert found.conclusions == (("médiation avec les habitants ou les jeunes", "Médiation aux Griffons le soir."),)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"next_on": "same"}, "next_on"), ({"invited": ["Karim Benali"]}, "invited"), ({"points": ["recidivism"]}, "points"),
        ({"conclusions": [("punish", "")]}, "code_0"), ({"conclusions": [("", "Suivre.")]}, "code_0"),
        ({"conclusions": [("follow", "Chez Karim Benali.")]}, "said_0"),
    ],
)  # fmt: skip
def test_what_the_group_concludes_is_coded_and_names_nobody(town, changes, field):
    quarter = town.opened("police", "landlord")
    if changes.get("next_on") == "same":
        changes = {"next_on": localdate(town.now)}
    with pytest.raises(InputRefused) as refusal:
        met(town, quarter, **changes)
    assert refusal.value.field == field


@pytest.mark.attack("T-35")
def test_the_meeting_is_written_once_from_two_tabs(town):
    quarter = town.opened("police", "landlord")
    met(town, quarter)
    with pytest.raises(ConflictRefused):
        met(town, quarter)
    met(town, quarter, expected=1)
    assert AnalysisMeeting.objects.get().revision == 2


def test_readers_write_no_meeting(town):
    quarter = town.published()
    with pytest.raises(AccessRefused):
        meeting.write(
            by=town.viewer("pjj"), quarter=quarter, data=MeetingData(held_on=localdate(town.now)), expected=0, now=town.now
        )  # fmt: skip


# Pages and paper


def test_the_coordinator_goes_from_the_list_to_a_published_dashboard_by_clicks(town):
    client = client_for(town.people.coordinator)
    index = reverse("quarters:index")
    added = send(
        client, reverse("quarters:contributor_new"), name="Commissariat central", giver="national_police",
        email="chiffres@example.org",
    )  # fmt: skip
    assert added.status_code == 302
    opened = send(client, index, to=reverse("quarters:open"), period=town.last.code)
    quarter = Quarter.objects.get()
    assert opened["Location"] == reverse("quarters:page", args=[quarter.pk])
    row = town.asked(quarter)
    enter = reverse("quarters:enter", args=[row.pk])
    assert send(client, enter, **filled(row, 15)).status_code == 302
    published = send(client, opened["Location"], to=reverse("quarters:publish", args=[quarter.pk]))
    assert published.status_code == 302
    text = client_for(town.people.mayor).get(opened["Location"]).content.decode()
    assert "Publié le" in text
    assert "60" in text
    assert "Réponses des partenaires" not in text
    assert "Relancer" not in text


def test_the_paper_says_what_the_screen_says(town, counted):
    counted()
    quarter = town.opened()
    said(town, quarter, words="Trimestre calme.", mood={"Centre": ("calm", "")})
    town.answered(quarter, burglary=cells(12, 20, 2))
    town.publish(quarter)
    paper = pdf_text(documents.dashboard(town.viewer("mayor"), quarter.pk, "pdf", town.now))
    assert "Trimestre calme." in paper
    assert "non affiché" in paper
    assert "Cambriolages" in paper


def test_the_paper_draws_each_line_that_two_quarters_tell(town):
    """A line of one quarter has nothing to draw; a number that is not shown is no more in the drawing than in the table."""
    town.published(period=town.last.back(1), burglary=cells(12, 20, 9))
    quarter = town.published(burglary=cells(12, 20, 8))
    paper = documents.dashboard(town.viewer("mayor"), quarter.pk, "pdf", town.now)
    with pikepdf.open(BytesIO(paper)) as read:
        drawn = [
            str(each.Alt)
            for each in read.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"
        ]
    assert any(
        words.startswith("Cambriolages. ") and f"{quarter.period.short}\u202f: 40" in words for words in drawn
    ), drawn


@pytest.mark.attack("T-40")
def test_the_spreadsheets_say_what_the_screen_says_and_no_more(town):
    quarter = town.published(burglary=cells(12, 20, 2))
    client = client_for(town.people.mayor)
    table = client.get(reverse("quarters:file", args=[quarter.pk, "csv"])).content.decode("utf-8-sig")
    assert "Cambriolages;34\r\n" in table
    assert "Cambriolages;non affiché;20;non affiché;0\r\n" in table
    for suffix in ("xlsx", "ods", "pdf"):
        answer = client.get(reverse("quarters:file", args=[quarter.pk, suffix]))
        assert (answer.status_code, answer["Content-Disposition"].split(".")[-1][:-1]) == (200, suffix)
    assert client.get(reverse("quarters:file", args=[quarter.pk, "exe"])).status_code == 404


def test_the_coordinator_reads_what_waits_on_mon_travail(town):
    town.add("police")
    coordinator = town.viewer()

    def labels(now=town.now):
        return [item.label for item in work.for_viewer(town.viewer(now=now), now) if "Tableau de bord" in item.label]

    assert labels() == [f"Tableau de bord : {town.last.label} à ouvrir"]
    quarter = town.opened("police")
    assert labels() == [f"Tableau de bord, {town.last.label} : 1 réponse attendue"]
    assert (
        labels(town.later(31)) == [f"Tableau de bord, {town.last.label} : 1 partenaire en retard"]
        or len(labels(town.later(31))) == 2
    )
    town.answered(quarter)
    assert labels() == [f"Tableau de bord, {town.last.label} : tout est reçu, à publier"]
    town.publish(quarter)
    assert labels() == []
    assert not [item for item in work.for_viewer(town.viewer("mayor"), town.now) if "Tableau" in item.label]
    assert coordinator.territory_id == quarter.territory_id


def test_a_read_of_what_is_prepared_is_told_in_the_journal(town):
    from casework.audit.models import AuditEvent

    quarter = town.opened()
    pages.page(town.viewer(), town.fresh(quarter), town.now)
    found = AuditEvent.objects.filter(object_type="quarters.quarter", act="view")
    assert found.exists()
    documents.dashboard(town.viewer(), quarter.pk, "pdf", town.now)
    assert AuditEvent.objects.filter(object_type="quarters.quarter", act="print").exists()


def test_the_night_step_is_registered_with_its_words():
    from casework.casefile import daily
    from casework.desk.system import JOBS

    assert "quarters.remind" in daily.steps()
    assert "quarters.remind" in JOBS
    assert asking.REMINDED_AFTER == (10, 20)


def test_a_note_true_of_all_lines_is_said_once_and_another_beside_its_line(town):
    """Counts typed by telephone: once under the table, not on each of its lines."""
    quarter = town.published(burglary=cells(12, 20, 9))
    html = client_for(town.people.mayor).get(reverse("quarters:page", args=[quarter.pk])).content.decode()
    group = shown(town, quarter).groups[0]
    both = replace(group.lines[0], code="b", notes=("saisi par le coordinateur", "chiffres provisoires"))
    one = replace(group.lines[0], notes=("saisi par le coordinateur",))
    pair = pages.Group(title="x", lines=(one, both))
    assert pair.notes == ("saisi par le coordinateur",)
    assert [notes for _, notes in pair.told] == [(), ("chiffres provisoires",)]
    assert documents._notes(pair) == [
        "Saisi par le coordinateur : toutes les lignes.",
        f"Chiffres provisoires : {both.label}.",
    ]
    assert html.count("Commenter") == 0
