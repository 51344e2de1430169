"""The yearly evaluation: figures by themselves, words by the coordinator, one document for the plenary."""

from __future__ import annotations

import re
import zipfile
from contextlib import ExitStack
from io import BytesIO

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casework.audit import Act
from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.indicators.evaluation import actions, facts, reads
from casework.indicators.evaluation.codes import Chapter
from casework.indicators.evaluation.models import Evaluation
from tests.indicators import editions
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def year(now):
    return now.year - 1


@pytest.fixture
def row(people, now, year):
    return actions.open_year(by=viewer_of(people.coordinator, now=now), year=year, now=now)


def by(people, now):
    return viewer_of(people.coordinator, now=now)


def page(client, row):
    answer = client.get(reverse("evaluation:page", args=[row.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def count(people, row, now):
    actions.refresh(by=by(people, now), row=row, expected=None, now=now)


def finish(people, row, now):
    actions.finish(by=by(people, now), row=row, expected=None, now=now)


def test_one_click_begins_the_evaluation_of_the_year_that_ended(people, year):
    client = client_for(people.coordinator)
    index = client.get(reverse("evaluation:index")).content.decode()
    assert f"Commencer l’évaluation {year}" in index
    token = re.search(r'name="once" value="([^"]+)"', index).group(1)
    answer = client.post(reverse("evaluation:begin"), {"year": year, "once": token})
    row = Evaluation.objects.get()
    assert row.year == year
    assert answer["Location"] == reverse("evaluation:page", args=[row.pk])
    index = client.get(reverse("evaluation:index")).content.decode()
    assert f"Commencer l’évaluation {year}" not in index
    assert f"{year - 1}<span" in index


def test_a_year_that_runs_is_not_evaluated(people, now):
    for wrong in (now.year, now.year - 12):
        with pytest.raises(InputRefused):
            actions.open_year(by=by(people, now), year=wrong, now=now)


@pytest.mark.rule("REC-25", "EXC-19")
def test_the_document_holds_a_chapter_for_each_action_that_this_system_knows(people, row, year, now):
    editions.edition(people.territory, year)
    count(people, row, now)
    html = page(client_for(people.coordinator), row)
    for chapter in Chapter:
        assert str(chapter.label) in html
    for words in ("Réunions tenues", "Postes sur la liste", "Demi-journées d’accueil", "Mesures terminées"):
        assert words in html


@pytest.mark.rule("DOC-02", "DOC-03", "SDC-05")
def test_persons_are_rounded_to_five_for_the_plenary_and_the_document_says_so(people, row, year, now):
    """64 people of the edition are 65 here, 51 are 50; what is not shown stays so."""
    editions.edition(people.territory, year)
    count(people, row, now)
    html = page(client_for(people.coordinator), row)
    text = re.sub(r"<[^>]+>", " ", html)
    assert f"65 personnes en {year}" in text
    assert not re.search(r"\b(64|51|34|13)\b", re.sub(r"\d+/\d+|\d{4}", "", text[text.index("Actions 7 et 8") :]))
    assert "non affiché" in text
    assert "arrondis à cinq" in text


def test_what_is_missing_is_said_in_its_place(people, row, year):
    html = page(client_for(people.coordinator), row)
    assert f"Les chiffres de {year} ne sont pas encore publiés" in html
    assert "n’a transmis aucun nombre" in html
    assert "parties manquent" in html


def test_a_draft_is_read_by_whoever_writes_it_and_a_finished_one_by_all_of_the_row(people, row, now):
    readers = ("mayor", "pjj", "municipal_police", "dpo")
    for who in readers:
        assert client_for(people.mandates[who]).get(reverse("evaluation:page", args=[row.pk])).status_code == 404
        assert "Aucune évaluation n’est encore terminée" in (
            client_for(people.mandates[who]).get(reverse("evaluation:index")).content.decode()
        )
    finish(people, row, now)
    for who in readers:
        html = page(client_for(people.mandates[who]), row)
        assert "Terminée le" in html
        assert "Reprendre l’évaluation" not in html
    assert client_for(people.stranger).get(reverse("evaluation:page", args=[row.pk])).status_code == 404
    assert client_for(people.host).get(reverse("evaluation:index")).status_code == 404


@pytest.mark.parametrize("who", ["mayor", "pjj", "dpo"])
def test_readers_write_nothing(people, row, who, now):
    reader = viewer_of(people.mandates[who], now=now)
    for act in (
        lambda: actions.comment(by=reader, row=row, chapter="cellule", words="x", expected=None, now=now),
        lambda: actions.finish(by=reader, row=row, expected=None, now=now),
        lambda: actions.refresh(by=reader, row=row, expected=None, now=now),
        lambda: actions.reopen(by=reader, row=row, expected=None, now=now),
        lambda: actions.open_year(by=reader, year=now.year - 2, now=now),
        lambda: actions.remove_line(by=reader, row=row, line="", expected=None, now=now),
    ):
        with pytest.raises(AccessRefused):
            act()


def test_a_comment_is_typed_chapter_by_chapter_and_read_in_the_document(people, row, now):
    client = client_for(people.coordinator)
    url = reverse("evaluation:write", args=[row.pk, "cellule"])
    form = client.get(url).content.decode()
    assert 'data-autosave="evaluation-' in form
    assert 'name="draft_for"' in form
    hidden = dict(re.findall(r'name="(once|revision)" value="([^"]+)"', form))
    client.post(url, {"words": "Une année où la cellule s’est réunie chaque mois.", **hidden})
    assert "s’est réunie chaque mois" in page(client, row)
    assert client.get(reverse("evaluation:write", args=[row.pk, "ailleurs"])).status_code == 404


@pytest.mark.rule("DOC-02", "CLV-09")
@pytest.mark.parametrize(
    "words", ["M. Zzcanari a progressé", "appelez le 06 12 34 56 78", "au 12 rue des Lilas", "suivi pour dépression"]
)
def test_words_that_single_somebody_out_are_refused(people, row, now, words):
    """The plenary is outside the nominative file: no person may be told there."""
    with pytest.raises(InputRefused):
        actions.comment(by=by(people, now), row=row, chapter="cellule", words=words, expected=None, now=now)
    with pytest.raises(InputRefused):
        actions.add_line(
            by=by(people, now), row=row, action="Action 2", indicator=words, value="3", expected=None, now=now
        )


def test_indicators_of_other_actions_are_typed_by_hand(people, row, now):
    client = client_for(people.coordinator)
    hidden = dict(re.findall(r'name="(once|revision)" value="([^"]+)"', page(client, row)))
    given = {"action": "Action 2 : médiation", "indicator": "Permanences tenues", "value": "41"}
    client.post(reverse("evaluation:line", args=[row.pk]), given | hidden)
    html = page(client, row)
    assert all(words in html for words in given.values())
    line = reads.page(by(people, now), row.pk, now).chapters[-1].lines[0]
    actions.remove_line(by=by(people, now), row=row, line=line.id, expected=None, now=now)
    assert 'data-label="Valeur">41' not in page(client, row)


def test_an_empty_line_keeps_what_was_typed(people, row):
    client = client_for(people.coordinator)
    hidden = dict(re.findall(r'name="(once|revision)" value="([^"]+)"', page(client, row)))
    answer = client.post(reverse("evaluation:line", args=[row.pk]), {"action": "Action 2", "indicator": "", **hidden})
    assert answer.status_code == 422
    assert 'value="Action 2"' in answer.content.decode()


def test_the_figures_of_a_draft_are_counted_again_on_demand(people, row, year, now):
    editions.edition(people.territory, year)
    client = client_for(people.coordinator)
    html = page(client, row)
    assert "ne sont pas encore publiés" in html
    assert "Nombres relevés le" in html
    token, revision = (re.search(rf'name="{name}" value="([^"]+)"', html).group(1) for name in ("once", "revision"))
    client.post(reverse("evaluation:act", args=[row.pk, "actualiser"]), {"once": token, "revision": revision})
    assert "65 personnes" in page(client, row)


def test_a_finished_evaluation_keeps_its_figures_and_takes_no_word(people, row, now, year):
    editions.edition(people.territory, year)
    finish(people, row, now)
    editions.edition(people.territory, year, editions.measures(year, done=91), version=2)
    row.refresh_from_db()
    viewer = viewer_of(people.mayor, now=now)
    blocks = [block for chapter in reads.page(viewer, row.pk, now).chapters for block in chapter.blocks]
    assert any("65 personnes" in block.sentence for block in blocks)
    with pytest.raises(GuardRefused):
        actions.comment(by=by(people, now), row=row, chapter="cellule", words="Trop tard.", expected=None, now=now)
    with pytest.raises(GuardRefused):
        finish(people, row, now)
    with pytest.raises(GuardRefused):
        count(people, row, now)
    actions.reopen(by=by(people, now), row=row, expected=None, now=now)
    with pytest.raises(AccessRefused):
        facts.find(viewer, row.pk, now)
    count(people, row, now)
    blocks = [block for chapter in reads.page(by(people, now), row.pk, now).chapters for block in chapter.blocks]
    assert any("105 personnes" in block.sentence for block in blocks)


def test_last_years_text_is_one_click_away(people, row, now, year):
    former = actions.open_year(by=by(people, now), year=year - 1, now=now)
    actions.comment(
        by=by(people, now), row=former, chapter="services", words="Présence en hausse.", expected=None, now=now
    )
    client = client_for(people.coordinator)
    url = reverse("evaluation:write", args=[row.pk, "services"])
    assert "Repartir de ce texte" in client.get(url).content.decode()
    assert re.search(r"<textarea[^>]*>\s*Présence en hausse", client.get(url, {"reprendre": "1"}).content.decode())


def test_two_people_who_write_do_not_overwrite_one_another(people, row, now):
    actions.comment(by=by(people, now), row=row, chapter="cellule", words="Une.", expected=1, now=now)
    with pytest.raises(ConflictRefused):
        actions.comment(by=by(people, now), row=row, chapter="cellule", words="Deux.", expected=1, now=now)


@pytest.mark.parametrize(("suffix", "begins"), [("pdf", b"%PDF"), ("odt", b"PK")])
def test_one_click_gives_the_document(people, row, now, year, suffix, begins):
    editions.edition(people.territory, year - 1, editions.measures(year - 1, done=44))
    editions.edition(people.territory, year)
    count(people, row, now)
    actions.comment(by=by(people, now), row=row, chapter="cellule", words="Rien à ajouter.", expected=None, now=now)
    answer = client_for(people.coordinator).get(reverse("evaluation:document", args=[row.pk, suffix]))
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert "evaluation-" in answer["Content-Disposition"]
    told = AuditEvent.objects.filter(object_type="evaluation.evaluation").order_by("id").last()
    assert told.act == (Act.PRINT if suffix == "pdf" else Act.EXPORT)
    assert client_for(people.coordinator).get(reverse("evaluation:document", args=[row.pk, "doc"])).status_code == 404


def test_the_word_processor_gets_the_pictures_with_their_words(people, row, now, year):
    """Each chart of the PDF is an image of the text, with what it shows for whoever does not see it."""
    editions.edition(people.territory, year - 1, editions.measures(year - 1, done=44))
    editions.edition(people.territory, year)
    count(people, row, now)
    url = reverse("evaluation:document", args=[row.pk, "odt"])
    answer = client_for(people.coordinator).get(url)
    held = zipfile.ZipFile(BytesIO(answer.content))
    text = held.read("content.xml").decode()
    frames = re.findall(r"<draw:frame.*?</draw:frame>", text)
    assert frames
    for frame in frames:
        path = re.search(r'xlink:href="(Pictures/[0-9a-f]+)"', frame).group(1)
        assert held.read(path).startswith(b"\x89PNG")
        assert (
            f'manifest:media-type="image/png" manifest:full-path="{path}"'
            in held.read("META-INF/manifest.xml").decode()
        )
        assert "<svg:desc>" in frame
    assert "<svg:desc>Mesures terminées" in text
    assert "au fil des années" in text


def test_the_contents_say_what_is_written_and_an_empty_list_says_so(people, row, now):
    actions.comment(by=by(people, now), row=row, chapter="cellule", words="Rien à ajouter.", expected=None, now=now)
    html = page(client_for(people.coordinator), row)
    contents = html[html.index("Sommaire") : html.index("</nav>", html.index("Sommaire"))]
    assert contents.count("Commentaire écrit") == 1
    assert contents.count("sans commentaire") == len(Chapter) - 1
    finish(people, row, now)
    html = page(client_for(people.mayor), row)
    assert "sans commentaire" not in html
    assert "Aucun indicateur n’a été inscrit." in html


@pytest.mark.parametrize("finished", [False, True])
def test_the_document_asks_at_most_twenty_five_questions(people, row, now, year, finished):
    for n in range(3):
        editions.edition(people.territory, year - n)
    count(people, row, now)
    if finished:
        finish(people, row, now)
    client = client_for(people.coordinator)
    with ExitStack() as stack:
        asked = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections]
        page(client, row)
    marks = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    told = [one["sql"] for each in asked for one in each if not one["sql"].startswith(marks)]
    assert len(told) <= 25, "\n".join(sql[:160] for sql in told)


@pytest.mark.attack("R-06")
def test_a_comment_changed_meanwhile_is_shown_beside_ours(people, row, now):
    client = client_for(people.coordinator)
    url = reverse("evaluation:write", args=[row.pk, "cellule"])
    hidden = dict(re.findall(r'name="(once|revision)" value="([^"]+)"', client.get(url).content.decode()))
    actions.comment(by=by(people, now), row=row, chapter="cellule", words="Le leur.", expected=None, now=now)
    answer = client.post(url, {"words": "Le mien.", **hidden})
    assert answer.status_code == 409
    assert all(words in answer.content.decode() for words in ("Le leur.", "Le mien."))
