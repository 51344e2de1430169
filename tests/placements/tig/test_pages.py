"""The pages as each role walks them: the whole way by clicks, and what each may never read."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.placements.tig.actions import demands
from casework.placements.tig.codes import State
from casework.placements.tig.models import TigPlacement
from casework.placements.tig.reads import hours
from tests.instants import noon
from tests.people import client_for
from tests.placements.tig import setting as stage
from tests.placements.tig.clicks import ONCE, finished, morning, send, text
from tests.placements.tig.setting import asked, assigned, demand, fresh, sentence, work

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.rule("TIG-08", "HOST-09", "HOST-12", "HOST-13", "ASG-01", "ASG-04", "HOST-10")
def test_the_whole_way_by_clicks(place):
    people = place.people
    spip, host = client_for(people.spip), client_for(people.host)
    response = send(
        spip, reverse("tig:demand"), case_mark="2026/12", measure="tig", hours="7", last_useful_on=str(localdate() + timedelta(days=90)),
        weekly="2", availability=["0-am", "1-am", "2-am", "3-am"], job_hours="",
    )  # fmt: skip
    assert response.status_code == 302, text(response)
    placement = TigPlacement.objects.get()
    here = reverse("tig:page", args=[placement.pk])
    found = reverse("tig:find_post", args=[placement.pk])
    assert "Entretien des berges" in text(spip.get(found))
    assert send(spip, found, post=str(place.post.pk)).status_code == 302
    proposal = placement.proposals.get()

    work_page = text(host.get(reverse("desk:work")))
    assert reverse("tig:answer", args=[proposal.pk]) in work_page
    response = send(host, reverse("tig:answer", args=[proposal.pk]), answer="yes", supervisor=str(place.tutor.pk))
    assert response.status_code == 302

    decision = reverse("tig:act", args=[placement.pk, "decision"])
    assert decision in text(spip.get(here))
    response = send(
        spip,
        decision,
        author="spip_director",
        decided_on=str(localdate()),
        last_name="Zzmartin",
        first_name="Léo",
        phone="",
    )
    assert response.status_code == 302, text(response)
    assert "Léo Zzmartin" in text(host.get(here))
    for kind in ("notification", "releve"):
        assert spip.get(reverse("tig:paper", args=[placement.pk, kind]))["Content-Type"] == "application/pdf"

    then = noon(placement.half_days.order_by("-day").first().day)
    with time_machine.travel(then, tick=False):
        host = client_for(people.host, now=then)
        spip = client_for(people.spip, now=then)
        for monday in {row.day - timedelta(days=row.day.weekday()) for row in placement.half_days.all()}:
            sheet = reverse("tig:sheet", args=[place.post.pk]) + f"?semaine={monday.isoformat()}"
            page = text(host.get(sheet))
            data = dict(re.findall(r'name="([0-9a-f-]{36}-(?:starts_at|ends_at|break_minutes))" value="([^"]*)"', page))
            data |= {"once": ONCE.search(page).group(1), "as_planned": "1", "signed": "1"}
            response = host.post(sheet, data)
            assert response.status_code == 302, text(response)
            paper = host.get(reverse("tig:week_paper", args=[place.post.pk]) + f"?semaine={monday.isoformat()}")
            assert paper["Content-Type"] == "application/pdf"
        assert hours.done(placement) == 7 * 60
        response = send(host, reverse("tig:act", args=[placement.pk, "incident"]), kind="lateness",
                        occurred_on=str(localdate(then)), precision="")  # fmt: skip
        incident = placement.incidents.get()
        answer = reverse("tig:incident", args=[incident.pk])
        assert answer in text(spip.get(reverse("desk:work")))
        assert send(spip, answer, decision="talked").status_code == 302
        assert send(host, reverse("tig:act", args=[placement.pk, "attestation"])).status_code == 302
        assert send(spip, reverse("tig:act", args=[placement.pk, "terminer"])).status_code == 302
        assert fresh(placement).state == State.COMPLETED
        done = text(spip.get(reverse("tig:page", args=[placement.pk])))
        assert "à faire avant le" not in done, "nothing is left to do: no date runs, and none is over"
        assert host.get(reverse("tig:paper", args=[placement.pk, "attestation"]))["Content-Type"] == "application/pdf"


@pytest.mark.rule("HOST-15", "ACL-04")
def test_the_host_reads_name_and_hours_never_the_sentence(place):
    placement = assigned(place, job_minutes=20 * 60)
    demands.record_sentence(by=place.viewer("spip"), placement=placement, data=sentence(), now=timezone.now())
    here = reverse("tig:page", args=[placement.pk])
    officer, host = text(client_for(place.people.spip).get(here)), text(client_for(place.people.host).get(here))
    for secret in ("2026/4471", "CP 131-8", "Tribunal judiciaire", "La peine", "Emploi", "à faire avant le"):
        assert secret in officer, secret
        assert secret not in host, secret
    assert "Léo Zzmartin" in host


def test_a_recorded_sentence_is_corrected_not_typed_again(place):
    placement = demand(place)
    demands.record_sentence(by=place.viewer("spip"), placement=placement, data=sentence(), now=timezone.now())
    page = text(client_for(place.people.spip).get(reverse("tig:act", args=[placement.pk, "peine"])))
    for known in ("Tribunal judiciaire", 'value="105"', "1995-05-05", 'value="tig_main" selected'):
        assert known in page, known


@pytest.mark.rule("HOST-15")
def test_a_host_that_is_only_asked_reads_no_name_even_of_somebody_known(place):
    placement = assigned(place)
    from casework.placements.tig.actions import ends

    ends.change_post(by=place.viewer("spip"), placement=placement, now=timezone.now())
    stage.ask(place, fresh(placement))
    host = client_for(place.people.host)
    assert "Zzmartin" not in text(host.get(reverse("tig:page", args=[placement.pk])))
    assert "Zzmartin" not in text(host.get(reverse("tig:list") + "?etat=toutes"))
    answer = reverse("tig:answer", args=[fresh(placement).proposals.get(answer="").pk])
    assert "Zzmartin" not in text(host.get(answer))


@pytest.mark.rule("ACL-03", "ACL-01")
@pytest.mark.parametrize(
    ("who", "mine"),
    [("pjj", "pjj"), ("spip", "spip"), ("pjj_lead", None), ("coordinator", None), ("mayor", None), ("sah", None),
     ("outreach", None), ("dpo", None), ("sysadmin", None), ("education", None)],
)  # fmt: skip
def test_each_sees_its_own_and_absent_or_refused_look_alike(place, who, mine):
    rows = {"spip": demand(place), "pjj": demand(place, "pjj")}
    client = client_for(place.people.mandates[who])
    for key, row in rows.items():
        expected = 200 if key == mine else 404
        assert client.get(reverse("tig:page", args=[row.pk])).status_code == expected
        for name in ("find_post",):
            assert client.get(reverse(f"tig:{name}", args=[row.pk])).status_code == expected
    unknown = client.get(reverse("tig:page", args=[uuid.uuid4()]))
    assert unknown.status_code == 404


@pytest.mark.rule("ASG-03", "ACL-03")
def test_where_somebody_is_not_sent_is_read_by_its_officer_alone(place):
    """The host's page, the form that changes the request and the list of posts: the officer's own, nobody else's."""
    placement = demand(place)
    spip = client_for(place.people.spip)
    change = reverse("tig:act", args=[placement.pk, "modifier-la-demande"])
    answer = send(
        spip, change, case_mark="2026/4471", measure="tig", hours="21", weekly="2", availability=stage.EVERY_HALF_DAY,
        last_useful_on=str(localdate() + timedelta(days=180)), job_hours="", away=[str(place.host.pk)],
    )  # fmt: skip
    assert answer.status_code == 302, text(answer)
    here = reverse("tig:page", args=[placement.pk])
    assert "Ne pas l’envoyer à : Régie des quais" in text(spip.get(here))
    assert re.search(rf'value="{place.host.pk}"[^>]* checked', text(spip.get(change)))
    found = text(spip.get(reverse("tig:find_post", args=[placement.pk])))
    assert "Lieu à éviter : Régie des quais" in found
    assert "Ne pas l’envoyer" not in text(client_for(place.people.host).get(reverse("tig:list")))
    # Once hosted elsewhere, the host that receives reads nothing of it.
    demands.change_demand(
        by=place.viewer("spip"), placement=fresh(placement), now=timezone.now(), expected=None,
        data=demands.DemandData(
            case_mark="2026/4471", minutes=1260, last_useful_on=localdate() + timedelta(days=180), weekly=2,
            availability=stage.EVERY_HALF_DAY, away=[str(elsewhere(place))],
        ),
    )  # fmt: skip
    stage.ask(place, fresh(placement))
    for url in (here, reverse("tig:answer", args=[placement.proposals.get(answer="").pk])):
        read = client_for(place.people.host).get(url)
        assert read.status_code == 200
        assert "Ailleurs" not in text(read)
    assert "Ne pas l’envoyer à : Ailleurs" in text(spip.get(here))


def elsewhere(place):
    """Return the id of a sector where nobody of these tests works."""
    return LocalItem.objects.create(
        territory=place.people.territory, list_code=ListCode.PLACE_SECTOR, label="Ailleurs", valid_from=date(2020, 1, 1)
    ).pk


@pytest.mark.rule("ACL-03")
def test_a_grant_of_the_pjj_on_an_adult_opens_nothing(place):
    from casework import audit
    from casework.access import grants
    from casework.access.policy import Basis
    from casework.placements.tig import facts
    from casework.placements.tig.models import TigGrant

    placement, now = demand(place), timezone.now()
    with audit.writing(audit.system_actor(placement.territory_id), now=now) as w:
        grants.give(w, TigGrant, mandate=place.people.pjj, obj=placement, basis=Basis.CIRCLE, starts_at=now, ends_at=None,
                    reason="error", by=None)  # fmt: skip
    later = now + timedelta(seconds=1)
    viewer = place.viewer("pjj", later)
    assert not facts.visible_to(viewer, later).exists()
    assert facts.relation(viewer, placement, later).excluded


@pytest.mark.rule("ACL-04")
def test_the_tutor_sees_today_and_nothing_the_day_after(place):
    placement = assigned(place)
    first = placement.half_days.order_by("day").first()
    here = reverse("tig:page", args=[placement.pk])
    assert client_for(place.tutor_mandate).get(here).status_code == 404
    there = noon(first.day)
    with time_machine.travel(there, tick=False):
        tutor = client_for(place.tutor_mandate, now=there)
        page = text(tutor.get(reverse("tig:today")))
        assert "Léo Zzmartin" in page
        assert tutor.get(here).status_code == 200
        response = tutor.post(
            reverse("tig:tap", args=[first.pk]),
            {"once": ONCE.search(page).group(1), "do": "finish", **finished(first)},
        )  # fmt: skip
        assert response.status_code == 302
        assert hours.done(placement) == first.planned_minutes
        assert fresh(placement).state == State.IN_PROGRESS
    after = noon(first.day + timedelta(days=1))
    if not placement.half_days.filter(day=localdate(after)).exists():
        with time_machine.travel(after, tick=False):
            assert client_for(place.tutor_mandate, now=after).get(here).status_code == 404


@pytest.mark.rule("HOST-10")
def test_absent_is_one_tap_and_reaches_the_officer(place):
    placement = assigned(place)
    first = placement.half_days.order_by("day").first()
    tap = reverse("tig:tap", args=[first.pk])
    early = morning(first, 8, 40)
    with time_machine.travel(early, tick=False):
        tutor = client_for(place.tutor_mandate, now=early)
        page = text(tutor.get(reverse("tig:today")))
        assert "Absent à" not in page
        tutor.post(tap, {"once": ONCE.search(page).group(1), "do": "absent"})
        assert not placement.incidents.exists()  # a quarter of an hour late is not absent
    there = morning(first, 8, 45)
    with time_machine.travel(there, tick=False):
        tutor = client_for(place.tutor_mandate, now=there)
        page = text(tutor.get(reverse("tig:today")))
        assert "Absent à 08:45 : prévenir le service" in page
        tutor.post(tap, {"once": ONCE.search(page).group(1), "do": "absent"})
        first.refresh_from_db()
        assert (first.outcome, first.minutes, first.mode) == ("absent", 0, "phone")
        incident = placement.incidents.get()
        assert reverse("tig:incident", args=[incident.pk]) in text(
            client_for(place.people.spip, now=there).get(reverse("desk:work"))
        )


def test_a_refused_line_of_the_sheet_shows_its_rule_and_keeps_what_was_typed(place):
    placement = assigned(place, "pjj")
    row = placement.half_days.order_by("day").first()
    there = noon(row.day)
    with time_machine.travel(there, tick=False):
        host = client_for(place.people.host, now=there)
        sheet = reverse("tig:sheet", args=[place.post.pk]) + f"?semaine={row.day.isoformat()}"
        page = text(host.get(sheet))
        data = {
            "once": ONCE.search(page).group(1), f"{row.pk}-outcome": "worked", f"{row.pk}-starts_at": "08:00",
            f"{row.pk}-ends_at": "13:17", f"{row.pk}-break_minutes": "0",
        }  # fmt: skip
        response = host.post(sheet, data)
        assert response.status_code == 422
        assert "une pause de 30 min" in text(response)
        assert "13:17" in text(response)


@pytest.mark.rule("ACL-07")
def test_the_coordination_has_no_list_of_placements(place):
    """It reads what stood at the end of each month, in bands (tests/placements/test_months.py)."""
    assigned(place)
    assert client_for(place.people.coordinator).get(reverse("tig:list")).status_code == 404


def test_lists_take_the_same_number_of_queries_whatever_their_length(place):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from casework.placements.tig.reads import placements as reads

    now = timezone.now()
    for _ in range(2):
        asked(place, minutes=7 * 60)
    seen = []
    for _ in range(2):
        at = timezone.now()
        with CaptureQueriesContext(connection) as queries:
            reads.listing(place.viewer("spip", at), now=at, kind="toutes")
        seen.append(len(queries))
        for _ in range(3):
            asked(place, minutes=7 * 60)
    assert seen[0] == seen[1], (seen, now)


def test_every_page_answers_to_its_people(place):
    later = noon(localdate() + timedelta(days=200))
    placement = work(place, assigned(place), later, n=2)
    with time_machine.travel(later, tick=False):
        for who in ("spip", "host", "prosecutor"):
            client = client_for(place.people.mandates[who], now=later)
            page = client.get(reverse("tig:page", args=[placement.pk]))
            assert page.status_code == 200, who
            assert client.get(reverse("tig:list") + "?etat=toutes").status_code == 200
            for link in re.findall(r'href="(/tig/[^"]+)"', text(page)):
                assert client.get(link).status_code == 200, (who, link)


@pytest.mark.rule("HOST-10")
def test_whoever_declares_an_accident_sees_whom_to_call(place):
    placement = assigned(place)
    agent = place.people.spip.agent
    agent.phone = "04 65 71 20 99"
    agent.save()
    accident = reverse("tig:act", args=[placement.pk, "accident"])
    body = text(client_for(place.people.host).get(accident))
    assert agent.full_name in body
    assert 'href="tel:0465712099"' in body
    assert "112" in body
    agent.phone = ""
    agent.save()
    assert "numéro non renseigné" in text(client_for(place.people.host).get(accident))
    named = reverse("tig:act", args=[placement.pk, "tuteur"])
    assert "Appelez" not in text(client_for(place.people.host).get(named))
