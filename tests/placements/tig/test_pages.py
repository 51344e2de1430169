"""The pages as each role walks them: the whole way by clicks, and what each may never read."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit import Act, object_ref
from casework.audit.models import AuditEvent
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.errors import AccessRefused, GuardRefused
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate
from casework.placements.tig.actions import demands, service, team
from casework.placements.tig.codes import State
from casework.placements.tig.models import SentenceFile, TigPlacement
from casework.placements.tig.reads import hours
from casework.sealing import keys
from tests.casefile import pdf_text
from tests.people import client_for
from tests.placements.tig import setting as stage
from tests.placements.tig.setting import asked, assigned, demand, fresh, work
from tests.placements.tig.test_flow import sentence

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("at_noon")]
ONCE = re.compile(r'name="once" value="([^"]+)"')
REVISION = re.compile(r'name="revision" value="(\d+)"')


@pytest.fixture
def place(people):
    return stage.build(people)


def text(response) -> str:
    return response.content.decode()


def send(client, url, **data):
    """Fill the form of a page and send it; return the answer."""
    found = text(client.get(url))
    data["once"] = ONCE.search(found).group(1)
    if match := REVISION.search(found):
        data["revision"] = match.group(1)
    return client.post(url, data)


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

    then = timezone.now() + timedelta(days=(placement.half_days.order_by("-day").first().day - localdate()).days)
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


def finished(row, **changes):
    """What the telephone sends at the end of a half-day, confirmed by both."""
    values = {
        "outcome": "worked", "starts_at": f"{row.starts_at:%H:%M}", "ends_at": f"{row.ends_at:%H:%M}",
        "break_minutes": "0", "person_signs": "on", "tutor_signs": "on",
    }  # fmt: skip
    return {f"{row.pk}-{key}": value for key, value in (values | changes).items() if value}


def morning(row, hour, minute=0):
    """That hour, on the day of a half-day."""
    return datetime.combine(row.day, time(hour, minute), ZoneInfo("Europe/Paris"))


@pytest.mark.rule("ACL-04")
def test_the_tutor_sees_today_and_nothing_the_day_after(place):
    placement = assigned(place)
    first = placement.half_days.order_by("day").first()
    here = reverse("tig:page", args=[placement.pk])
    assert client_for(place.tutor_mandate).get(here).status_code == 404
    there = timezone.now() + timedelta(days=(first.day - localdate()).days)
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
    after = there + timedelta(days=1)
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
    there = timezone.now() + timedelta(days=(row.day - localdate()).days)
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


# The coordination


@pytest.mark.rule("ACL-07", "SDC-05", "SDC-06")
def test_the_coordination_reads_counts_and_no_reference(place):
    for _ in range(3):
        demand(place)
    placement = assigned(place)
    client = client_for(place.people.coordinator)
    assert client.get(reverse("tig:list")).status_code == 404
    page = text(client.get(reverse("tig:figures")))
    assert placement.reference not in page
    assert "Zzmartin" not in page
    assert "non affiché" in page


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
    later = timezone.now() + timedelta(days=200)
    placement = work(place, assigned(place), later, n=2)
    with time_machine.travel(later, tick=False):
        for who in ("spip", "host", "prosecutor"):
            client = client_for(place.people.mandates[who], now=later)
            page = client.get(reverse("tig:page", args=[placement.pk]))
            assert page.status_code == 200, who
            assert client.get(reverse("tig:list") + "?etat=toutes").status_code == 200
            for link in re.findall(r'href="(/tig/[^"]+)"', text(page)):
                assert client.get(link).status_code == 200, (who, link)


@pytest.mark.rule("10.2")
def test_a_year_after_the_end_nobody_opens_it_any_more(place):
    from casework.placements.tig import facts
    from casework.placements.tig.actions import ends

    placement, now = demand(place), timezone.now()
    ends.void(by=place.viewer("spip", now), placement=placement, reason="withdrawn", now=now)
    for days, seen in ((364, 1), (366, 0)):
        then = now + timedelta(days=days)
        viewer = place.viewer("spip", then)
        assert facts.visible_to(viewer, then).count() == seen
        assert facts.relation(viewer, fresh(placement), then).gone is not bool(seen)


@pytest.mark.rule("RET-07", "10.2")
def test_a_placement_is_erased_a_year_after_its_end_however_long_ago_it_was_asked_for(place):
    from casework.errors import Shredded
    from casework.placements.tig.actions import ends, erasing

    now = timezone.now()
    long, kept = demand(place), demand(place)
    year_on = now + timedelta(days=300)
    ends.void(by=place.viewer("spip", year_on), placement=long, reason="withdrawn", now=year_on)
    # A year after the request, the end is two months old: nothing goes.
    assert erasing.erase_ended(now + timedelta(days=366)) == 0
    assert erasing.erase_ended(year_on + timedelta(days=364)) == 0
    late = year_on + timedelta(days=367)
    assert erasing.erase_ended(late) == 1
    assert list(TigPlacement.objects.values_list("pk", flat=True)) == [kept.pk]  # never ended: never erased by itself
    assert not TigPlacement.history.filter(subject_id=long.subject_id).exists()
    with pytest.raises(Shredded):
        keys.ensure(long.subject_id)
    assert erasing.erase_ended(late) == 0


def test_a_legal_hold_keeps_an_ended_placement(place):
    from casework.casefile.endings import holds
    from casework.placements.tig.actions import ends, erasing

    placement = demand(place)
    now = timezone.now()
    ends.void(by=place.viewer("spip", now), placement=placement, reason="withdrawn", now=now)
    holds.impose(by=place.viewer("dpo"), subject_id=placement.subject_id, reason="court", now=now)
    assert erasing.erase_ended(now + timedelta(days=400)) == 0
    assert TigPlacement.objects.exists()


@pytest.mark.rule("RET-07")
def test_erasure_finds_a_placement_by_its_reference_and_gives_its_places_back(place):
    from casework.casefile import erasers
    from casework.placements.hosts.models import Booking

    placement = asked(place)
    found = erasers.find(placement.territory_id, placement.reference)
    assert found.subject_id == placement.subject_id
    from casework import audit

    with audit.writing(audit.system_actor(placement.territory_id), now=timezone.now()) as w:
        erasers._ERASERS["placements.tig"].clear(placement.subject_id, w, "erasure", timezone.now())
    assert not Booking.objects.filter(holder=placement.pk).exists()


def test_a_service_without_its_sentence_file_here_is_offered_none_and_may_record_none(place):
    placement = demand(place)
    here, act = reverse("tig:page", args=[placement.pk]), reverse("tig:act", args=[placement.pk, "peine"])
    assert act in text(client_for(place.people.spip).get(here))
    service.keep_no_longer(by=place.head("spip"), now=timezone.now())
    client = client_for(place.people.spip)
    assert act not in text(client.get(here))
    assert client.get(act).status_code == 404
    with pytest.raises(GuardRefused):
        demands.record_sentence(by=place.viewer("spip"), placement=placement, data=sentence(), now=timezone.now())
    young = demand(place, "pjj")  # the other service keeps its own
    assert reverse("tig:act", args=[young.pk, "peine"]) in text(
        client_for(place.people.pjj).get(reverse("tig:page", args=[young.pk]))
    )


def test_the_sentence_file_is_off_until_the_head_of_the_service_dates_the_signature_on_screen(place):
    lead = place.people.mandates["pjj_lead"]
    service.keep_no_longer(by=place.head("pjj"), now=timezone.now())
    client, url = client_for(lead), reverse("tig:sentence_file")
    assert "non tenu ici" in text(client.get(url))
    assert url in text(client.get(reverse("tig:list")))
    response = send(client, url, signed_on=str(localdate() + timedelta(days=1)))
    assert (response.status_code, "pas encore passée" in text(response)) == (422, True)
    assert send(client, url, signed_on=str(localdate() - timedelta(days=3))).status_code == 302
    assert service.keeps_sentences(place.viewer("pjj"), timezone.now())
    row = SentenceFile.objects.get(organisation=lead.organisation, ends_at=None)
    assert AuditEvent.objects.filter(object_ref=object_ref("tig.sentencefile", row.pk), act=Act.GRANT).exists()
    page = text(client.get(url))
    client.post(reverse("tig:stop_sentence_file"), {"once": ONCE.search(page).group(1)})
    assert not service.keeps_sentences(place.viewer("pjj"), timezone.now() + timedelta(seconds=1))


@pytest.mark.parametrize("who", ["pjj", "spip", "coordinator", "dpo", "host", "mayor", "sysadmin", "outreach_lead"])
def test_nobody_but_the_head_of_a_judicial_service_switches_it(place, who):
    if who in place.people.mandates:
        assert client_for(place.people.mandates[who]).get(reverse("tig:sentence_file")).status_code == 404
        by = place.viewer(who)
    else:
        by = place.head("outreach")
    with pytest.raises(AccessRefused):
        service.keep_here(by=by, signed_on=localdate(), now=timezone.now())


@pytest.mark.attack("T-36")
def test_a_switch_written_by_sql_switches_nothing_on(place):
    service.keep_no_longer(by=place.head("spip"), now=timezone.now())
    SentenceFile.objects.filter(organisation=place.people.spip.organisation).update(ends_at=None)
    assert not service.keeps_sentences(place.viewer("spip"), timezone.now())


# In other hands, in another tool


@pytest.fixture
def colleague(place):
    people = place.people
    agent = Agent(email="spip2@mireval.example", first_name="Rose", last_name="Lacaze")
    agent.set_unusable_password()
    agent.save()
    return Mandate.objects.create(
        agent=agent, organisation=people.spip.organisation, territory=people.territory, role=Role.SPIP,
        starts_at=people.since, charter_signed_at=people.since, charter_version=people.charter.version,
    )  # fmt: skip


@pytest.mark.rule("CLV-26", "ACL-02")
def test_an_officer_hands_a_case_over_to_a_colleague_and_no_longer_sees_it(place, colleague):
    placement = assigned(place)
    here, act = reverse("tig:page", args=[placement.pk]), reverse("tig:act", args=[placement.pk, "confier"])
    client = client_for(place.people.spip)
    assert act in text(client.get(here))
    found = text(client.get(act))
    assert "Rose Lacaze" in found
    assert "Haddad" not in found  # the PJJ is another service
    response = send(client, act, to=str(place.people.pjj.pk))
    assert response.status_code == 422
    response = send(client, act, to=str(colleague.pk))
    assert response["Location"] == reverse("tig:list")
    assert client.get(here).status_code == 404
    assert client_for(colleague).get(here).status_code == 200
    assert client_for(place.people.host).get(here).status_code == 200  # the host keeps what it had


def test_the_host_hands_nothing_over(place, colleague):
    placement = assigned(place)
    now = timezone.now()
    with pytest.raises(AccessRefused):
        team.hand_over(by=place.viewer("host", now), placement=placement, to=colleague.pk, now=now)


@pytest.mark.attack("T-46")
def test_the_cases_of_a_function_that_ends_follow_by_reference(place, colleague):
    from casework import audit
    from casework.partners import hooks

    one, other = demand(place), demand(place)
    now = timezone.now()
    spip = place.people.spip
    assert {each.reference for each in hooks.entrusted(spip, place.viewer("dpo", now), now)} == {
        one.reference, other.reference
    }  # fmt: skip
    with audit.writing(audit.system_actor(one.territory_id), now=now) as w:
        assert hooks.hand_over(w, spip, colleague, audit.system_actor(one.territory_id), now, frozenset({one.pk})) == 1
    later = now + timedelta(seconds=1)
    assert client_for(colleague, now=later).get(reverse("tig:page", args=[one.pk])).status_code == 200
    assert client_for(spip, now=later).get(reverse("tig:page", args=[one.pk])).status_code == 404
    assert client_for(spip, now=later).get(reverse("tig:page", args=[other.pk])).status_code == 200


@pytest.mark.rule("ATG-04", "ACL-08")
def test_the_officer_copies_plain_text_and_the_journal_tells(place):
    later = timezone.now() + timedelta(days=200)
    placement = work(place, assigned(place), later, n=2)
    url = reverse("tig:copy", args=[placement.pk])
    with time_machine.travel(later, tick=False):
        client = client_for(place.people.spip, now=later)
        assert url in text(client.get(reverse("tig:page", args=[placement.pk])))
        response = client.get(url)
        page = text(response)
        for said in (placement.reference, "2026/4471", "Léo Zzmartin", "Entretien des berges", "présent"):
            assert said in page, said
        assert "onclick" not in page
        assert 'data-copy="tig-plain"' in page
        assert "no-store" in response["Cache-Control"]
        assert AuditEvent.objects.filter(act=Act.PRINT, why="copy").count() == 1
        for mandate in (place.people.host, place.people.pjj, place.people.mandates["coordinator"]):
            assert client_for(mandate, now=later).get(url).status_code == 404


# Reports to the magistrate


def words_of(pdf):
    return " ".join(pdf_text.text(pdf).split())


@pytest.mark.rule("ASG-04", "TNR-04", "HOST-15")
@pytest.mark.parametrize(
    ("who", "judge", "parents"),
    [("spip", "Juge de l’application des peines", False), ("pjj", "Juge des enfants", True)],
)
def test_the_decision_is_notified_to_the_person_and_the_host_and_the_magistrates_are_told(place, who, judge, parents):
    placement = assigned(place, who)
    url = reverse("tig:paper", args=[placement.pk, "notification"])
    for reader in (who, "host"):
        found = words_of(client_for(place.people.mandates[reader]).get(url).content)
        for said in (
            "Léo Zzmartin",
            "Entretien des berges",
            "21 h",
            "La personne",
            judge,
            "Procureur de la République",
        ):
            assert said in found, (said, found)
        assert ("représentants légaux" in found) is parents
        assert "2026/4471" not in found


@pytest.mark.rule("ASG-09", "TNR-05", "HOST-10")
@pytest.mark.parametrize(
    ("who", "measure", "reader"),
    [("spip", "tig", "Juge de l’application des peines"), ("pjj", "tig", "Juge des enfants"),
     ("pjj", "tnr", "Procureur de la République"), ("spip", "tnr", "Procureur de la République")],
)  # fmt: skip
def test_the_report_is_ready_to_sign_with_facts_dates_hours_and_its_reader(place, who, measure, reader):
    from casework.placements.tig.actions import ends, incidents

    placement = assigned(place, who, measure=measure, last_useful_on=localdate() + timedelta(days=150))
    now = timezone.now()
    incidents.report(
        by=place.viewer("host", now), placement=placement, kind="refusal", occurred_on=localdate(now),
        precision="Zzprécision", stop_work=False, now=now,
    )  # fmt: skip
    ends.report_breach(by=place.viewer(who, now), placement=placement, now=now)
    client, url = client_for(place.people.mandates[who]), reverse("tig:report", args=[placement.pk, "incident"])
    page = text(client.get(reverse("tig:page", args=[placement.pk])))
    assert url in page
    assert reader in page
    found = words_of(client.get(url).content)
    for said in (reader, "Léo Zzmartin", "2026/4471", "refus de travailler", "21 h", "Entretien des berges"):
        assert said in found, (said, found)
    assert "Zzprécision" not in found  # codes and dates: nobody’s words
    assert AuditEvent.objects.filter(act=Act.PRINT, why="incident").exists()


@pytest.mark.rule("HOST-15", "ACL-04")
@pytest.mark.parametrize("who", ["host", "tutor", "pjj", "coordinator", "dpo"])
def test_nobody_but_the_officer_prints_what_goes_to_the_magistrate(place, who):
    placement = assigned(place)
    there = timezone.now() + timedelta(days=(placement.half_days.order_by("day").first().day - localdate()).days)
    mandate = place.tutor_mandate if who == "tutor" else place.people.mandates[who]
    with time_machine.travel(there, tick=False):
        client = client_for(mandate, now=there)
        for kind in ("incident", "fin", "evaluation", "annuel", "autre"):
            assert client.get(reverse("tig:report", args=[placement.pk, kind])).status_code == 404


@pytest.mark.rule("ASG-11", "TIGM-11")
@pytest.mark.parametrize(
    ("who", "changes", "basis", "offered"),
    [("spip", {}, "", True), ("spip", {}, "tig_main", True), ("spip", {}, "probation", False), ("pjj", {}, "", False),
     ("spip", {"measure": "tnr"}, "", False)],
)  # fmt: skip
def test_day_fines_are_on_screen_only_where_the_law_has_them(place, who, changes, basis, offered):
    from casework.placements.tig.actions import ends

    placement = assigned(place, who, last_useful_on=localdate() + timedelta(days=150), **changes)
    now = timezone.now()
    if basis:
        data = sentence(basis=basis, has_fallback=False, last_useful_on=localdate() + timedelta(days=150))
        demands.record_sentence(by=place.viewer(who, now), placement=placement, data=data, now=now)
    ends.report_breach(by=place.viewer(who, now), placement=fresh(placement), now=now)
    page = text(
        client_for(place.people.mandates[who]).get(reverse("tig:act", args=[placement.pk, "decision-du-magistrat"]))
    )
    assert ("jours-amende" in page) is offered


@pytest.mark.rule("ASG-02")
def test_the_post_is_changed_on_screen_after_a_report_and_the_hours_stay(place):
    from casework.placements.tig.actions import ends

    later = timezone.now() + timedelta(days=200)
    placement = work(place, assigned(place, last_useful_on=localdate() + timedelta(days=300)), later, n=3)
    ends.report_breach(by=place.viewer("spip", later), placement=placement, now=later)
    with time_machine.travel(later, tick=False):
        client = client_for(place.people.spip, now=later)
        here, act = (
            reverse("tig:page", args=[placement.pk]),
            reverse("tig:act", args=[placement.pk, "changer-de-poste"]),
        )
        assert act in text(client.get(here))
        assert send(client, act).status_code == 302
        page = text(client.get(here))
        assert reverse("tig:find_post", args=[placement.pk]) in page
        assert "10 h 30" in page.replace("\u202f", " ").replace("\xa0", " ")
        assert client_for(place.people.host, now=later).get(here).status_code == 404


@pytest.mark.rule("DL-07", "DL-08", "DL-11")
@pytest.mark.parametrize(("measure", "days"), [("tig", 91), ("tnr", 31)])
def test_a_legal_date_comes_on_the_work_page_when_its_warning_begins(place, measure, days):
    last = localdate() + timedelta(days=170 if measure == "tnr" else 300)
    demand(place, measure=measure, last_useful_on=last)
    for ahead, seen in ((days, False), (days - 1, True)):
        then = timezone.now() + timedelta(days=(last - localdate()).days - ahead)
        with time_machine.travel(then, tick=False):
            page = text(client_for(place.people.spip, now=then).get(reverse("desk:work")))
            assert ("Dernière date utile" in page) is seen


@pytest.mark.rule("DL-12", "TNR-05")
def test_after_the_end_of_a_tnr_the_report_is_noted_on_screen(place):
    from casework.placements.tig.actions import ends

    later = timezone.now() + timedelta(days=200)
    placement = assigned(place, "pjj", measure="tnr", last_useful_on=localdate() + timedelta(days=150))
    placement = work(place, placement, later)
    ends.certify(by=place.viewer("host", later), placement=placement, now=later)
    ends.complete(by=place.viewer("pjj", later), placement=fresh(placement), now=later)
    later += timedelta(days=25)  # ten days or less before the end of the month: it is told
    with time_machine.travel(later, tick=False):
        client = client_for(place.people.pjj, now=later)
        assert "Rapport de fin" in text(client.get(reverse("desk:work")))
        here, act = reverse("tig:page", args=[placement.pk]), reverse("tig:act", args=[placement.pk, "rapport"])
        assert act in text(client.get(here))
        assert send(client, act, kind="end", sent_on=str(localdate(later))).status_code == 302
        assert act not in text(client.get(here))


# The single-use link


@pytest.mark.rule("10.2")
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_host_without_an_account_answers_once_by_a_link_and_reads_no_name(place, answer):
    from django.test import Client

    from casework import audit
    from casework.access import grants
    from casework.casefile import mailer
    from casework.placements.hosts.models import HostStructure, PostGrant

    now = timezone.now()
    with audit.writing(audit.system_actor(place.people.territory.pk), now=now) as w:
        for row in PostGrant.objects.on([place.post.pk]).select_related("content_object"):
            grants.close(w, row, at=now, reason="left")
        host = HostStructure.objects.get(pk=place.host.pk)
        host.email = "contact@quais.example"
        host.save()
    placement = demand(place)
    stage.ask(place, placement)
    sent = next(each for each in mailer.messages() if each.to == "contact@quais.example")
    url = re.search(r"http://[^/]+(/\S+)", sent.body).group(1)
    client = Client()
    page = text(client.get(url))
    assert "Entretien des berges" in page
    for secret in ("2026/4471", placement.reference, "Zzmartin"):
        assert secret not in page
    response = client.post(url, {"once": ONCE.search(page).group(1), "answer": answer, "reason": "no_room"})
    assert response.status_code == 302
    assert "transmis" in text(client.get(response["Location"]))
    assert client.get(url).status_code == 410
    proposal = fresh(placement).proposals.get()
    assert proposal.answer == ("accepted" if answer == "yes" else "declined")
    assert fresh(placement).state == (State.PROPOSED if answer == "yes" else State.MATCHING)


def test_a_host_with_neither_account_nor_address_is_to_be_called(place):
    from casework import audit
    from casework.access import grants
    from casework.placements.hosts.models import PostGrant

    now = timezone.now()
    with audit.writing(audit.system_actor(place.people.territory.pk), now=now) as w:
        for row in PostGrant.objects.on([place.post.pk]).select_related("content_object"):
            grants.close(w, row, at=now, reason="left")
    placement = demand(place)
    with pytest.raises(GuardRefused, match="appelez-la"):
        stage.ask(place, placement)


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
