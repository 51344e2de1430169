"""The pages around a meeting, role by role: what answers, what is on it, what a double click does."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from casework.access.routes import policy_of
from casework.minors.sessions import urls
from casework.minors.sessions.models import AgendaLine, AgendaRequest, GroupSession, Preparation
from tests.casefile.pdf_text import text as text_of
from tests.people import client_for
from tests.sessions.agenda_setting import SEATED, Month, month

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
PAGES = ("", "ordre-du-jour/", "ordre-du-jour.pdf")


@pytest.fixture
def this(people) -> Month:
    found = month(people)
    found.followed("Zzcanari", review_in=1)
    found.followed("Zzautre", who="aemo_lead", review_in=1)
    found.build()
    return found


def url(this: Month, tail: str = "") -> str:
    return f"/reunions/{this.session.pk}/{tail}"


def once() -> dict[str, str]:
    return {"once": str(uuid.uuid4())}


def test_while_it_is_prepared_only_the_coordinator_sees_it(this):
    for tail in PAGES:
        assert client_for(this.people.coordinator).get(url(this, tail)).status_code == 200, tail
        for who in ("pjj_lead", "mayor", "sysadmin", "stranger", "education"):
            assert client_for(this.people.mandates[who]).get(url(this, tail)).status_code == 404, (who, tail)


def test_once_convened_members_see_it_cut_to_their_right(this):
    this.convened()
    for tail in PAGES:
        for who in ("stranger", "mayor", "dpo", "spip"):
            assert client_for(this.people.mandates[who]).get(url(this, tail)).status_code == 404, (who, tail)
    pjj = client_for(this.people.pjj_lead).get(url(this, "ordre-du-jour/")).content.decode()
    assert "Zzcanari" in pjj
    assert "Zzautre" not in pjj
    mds = client_for(this.people.mds_lead).get(url(this, "ordre-du-jour/")).content.decode()
    assert not re.search(r"\bZz[a-z]{3}", mds)  # the token of a form may hold these two letters
    assert "Y. Z." in mds
    assert 'name="minutes"' not in mds


def test_the_paper_carries_no_name_and_only_what_its_reader_may_print(this):
    this.convened()
    coordinator = text_of(client_for(this.people.coordinator).get(url(this, "ordre-du-jour.pdf")).content)
    assert "Zz" not in coordinator
    assert coordinator.count("Y. Z.") == 2
    pjj = text_of(client_for(this.people.pjj_lead).get(url(this, "ordre-du-jour.pdf")).content)
    assert pjj.count("Y. Z.") == 1
    assert "Y. Z." not in text_of(client_for(this.people.mds_lead).get(url(this, "ordre-du-jour.pdf")).content)


@pytest.mark.rule("CLV-21")
def test_the_next_meeting_takes_one_click_from_last_month(this):
    this.convened()
    client = client_for(this.people.coordinator)
    page = client.get("/reunions/nouvelle/")
    form = page.context["form"]
    assert sorted(form.initial["organisations"]) == sorted(str(this.people.organisations[key].pk) for key in SEATED)
    day = form.initial["day"]
    assert day.weekday() < 5
    assert day > localdate(this.session.starts_at) + timedelta(days=20)
    sent = {
        "day": day.isoformat(), "start": form.initial["start"].strftime("%H:%M"),
        "end": form.initial["end"].strftime("%H:%M"), "place": form.initial["place"], "logistics": "",
        "organisations": form.initial["organisations"], **once(),
    }  # fmt: skip
    first = client.post("/reunions/nouvelle/", sent)
    assert first.status_code == 302
    assert client.post("/reunions/nouvelle/", sent)["Location"] == first["Location"]
    assert GroupSession.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"day": "31/02/2027"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"day": "2020-01-01"},
        {"start": "25:99"}, {"end": "08:00"}, {"place": "x" * 300}, {"place": "   "}, {"organisations": []},
        {"organisations": ["<b>"]}, {"organisations": [str(uuid.uuid4())]},
    ],
)  # fmt: skip
def test_an_absurd_meeting_is_refused_and_nothing_is_lost(people, changes):
    client = client_for(people.coordinator)
    typed = {
        "day": (localdate() + timedelta(days=9)).isoformat(), "start": "14:00", "end": "16:00",
        "place": "Salle <b>é</b> 🎈", "organisations": [str(people.pjj_service.pk)],
    } | changes | once()  # fmt: skip
    answer = client.post("/reunions/nouvelle/", typed)
    assert answer.status_code == 422
    assert not GroupSession.objects.exists()
    if "place" not in changes:
        assert "Salle &lt;b&gt;é&lt;/b&gt; 🎈" in answer.content.decode()


def test_two_people_changing_a_meeting_get_both_versions(this):
    client = client_for(this.people.coordinator)
    page = client.get(url(this, "modifier/"))
    typed = {name: page.context["form"].initial[name] for name in ("place", "organisations", "logistics")}
    typed |= {"day": page.context["form"].initial["day"].isoformat(), "start": "14:00", "end": "16:00"}
    revision = re.search(r'name="revision" value="(\d+)"', page.content.decode())[1]
    assert client.post(url(this, "modifier/"), typed | {"revision": revision} | once()).status_code == 302
    second = client.post(url(this, "modifier/"), typed | {"revision": revision, "place": "Ailleurs"} | once())
    assert second.status_code == 409
    assert "Ailleurs" in second.content.decode()
    assert "Salle du conseil" in second.content.decode()


ACTS = ("ordre-du-jour/construire", "ordre-du-jour/ranger", "ordre-du-jour/ordre", "ordre-du-jour/ajouter", "inviter",
        "annuler")  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_acts_of_the_coordinator_are_absent_for_the_others(this, act):
    this.convened()
    for who in ("pjj_lead", "mayor", "stranger"):
        assert client_for(this.people.mandates[who]).post(url(this, act), once()).status_code == 404
    assert client_for(this.people.coordinator).get(url(this, act)).status_code in (404, 405)


def test_up_twice_by_double_click_moves_once(this):
    client = client_for(this.people.coordinator)
    ids = [str(pk) for pk in this.session.lines.order_by("position").values_list("pk", flat=True)]
    sent = {"order": ids, "move": f"down:{ids[0]}", **once()}
    for _ in range(2):
        answer = client.post(url(this, "ordre-du-jour/ordre"), sent)
        assert answer["Location"].endswith(f"#ligne-{ids[0]}")
    assert [str(pk) for pk in this.session.lines.order_by("position").values_list("pk", flat=True)] == ids[::-1]
    assert client.post(url(this, "ordre-du-jour/ordre"), {"order": ["<b>"], **once()}).status_code == 404


def test_a_line_is_saved_at_each_change_and_shows_the_new_time(this):
    line = this.session.lines.first()
    sent = {"minutes": "25", "asked": [str(this.people.mds_service.pk)], "revision": line.revision}
    answer = client_for(this.people.coordinator).post(
        url(this, f"ordre-du-jour/{line.pk}"), sent, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert "30 min sur" in answer.content.decode()
    assert list(AgendaLine.objects.get(pk=line.pk).asked.all()) == [this.people.mds_service]
    again = client_for(this.people.coordinator).post(
        url(this, f"ordre-du-jour/{line.pk}"), sent, headers={"HX-Request": "true"}
    )
    assert again.status_code == 409


def test_the_invitation_goes_once_and_leads_to_the_meeting(this):
    client = client_for(this.people.coordinator)
    sent = {"revision": this.fresh().revision, **once()}
    for _ in range(2):
        assert client.post(url(this, "inviter"), sent)["Location"] == url(this)
    assert this.fresh().state == "convened"
    assert "Revoir l’ordre du jour" in client.get(url(this)).content.decode()
    assert "Ma préparation" in client_for(this.people.pjj_lead).get(url(this)).content.decode()


def test_sending_the_invitation_asks_for_a_fresh_second_factor(this):
    """It opens identities to the services asked; the form is carried, and the meeting itself never asks (ADR 0044)."""
    earlier = timezone.now() - timedelta(minutes=6)
    client = client_for(this.people.coordinator, now=earlier)
    answer = client.post(url(this, "inviter"), {"revision": this.fresh().revision, **once()})
    assert answer.status_code == 401
    assert 'name="revision"' in answer.content.decode(), "what was sent is carried"
    assert this.fresh().state == "prepared"
    asking = {route.name for route in urls.urlpatterns if (found := policy_of(route.callback)) and found.step_up}
    assert asking == {"invite"}, "nothing of the room is ever interrupted"


def test_preparing_by_clicks_and_without_script(this):
    this.convened()
    client = client_for(this.people.pjj_lead)
    line = AgendaLine.objects.get(session=this.session, asked=this.people.pjj_service)
    answer = client.post(url(this, f"preparation/{line.pk}"), {f"{line.pk}-state": "nothing_new"})
    assert "Enregistré à" in answer.content.decode()
    assert client.post(url(this, "preparation/"), {f"{line.pk}-state": "will_speak", **once()}).status_code == 302
    assert Preparation.objects.count() == 1
    assert 'value="will_speak" checked' in client.get(url(this, "preparation/")).content.decode()
    bad = client.post(url(this, f"preparation/{line.pk}"), {f"{line.pk}-state": "<script>"})
    assert bad.status_code == 422
    assert "<script>" not in bad.content.decode()
    other = AgendaLine.objects.exclude(pk=line.pk).get()
    assert client.post(url(this, f"preparation/{other.pk}"), {}).status_code == 404
    for who in ("coordinator", "stranger", "mayor"):
        assert client_for(this.people.mandates[who]).get(url(this, "preparation/")).status_code == 404
    assert "Rien à préparer" in client_for(this.people.mds_lead).get(url(this, "preparation/")).content.decode()


def test_a_member_asks_from_the_page_of_the_situation(this):
    row = this.followed("Zzdemande")
    client = client_for(this.people.pjj_lead)
    where = reverse("meetings:ask", args=[row.pk])
    assert "Demander son examen" in client.get(reverse("followups:page", args=[row.pk])).content.decode()
    assert client.post(where, once()).status_code == 302
    assert "a demandé son examen" in client.get(reverse("followups:page", args=[row.pk])).content.decode()
    assert client.post(where, {"back": "1", **once()}).status_code == 302
    assert not AgendaRequest.objects.exists()
    assert client_for(this.people.mds_lead).post(where, once()).status_code == 404


def test_a_question_is_asked_in_three_lists(this):
    client = client_for(this.people.outreach)
    sent = {"topic": "school", "age_band": "", "sector": "Maille 2", **once()}
    for _ in range(2):
        assert client.post("/reunions/question/", sent).status_code == 302
    assert this.session.lines.filter(kind="question").count() == 1
    page = client.get("/reunions/question/").content.decode()
    assert "situation de décrochage" in page
    assert 'type="text"' not in page.split("<form method", 2)[-1]
    assert client_for(this.people.education).get("/reunions/question/").status_code == 404


def test_the_list_shows_each_what_waits(this):
    text = client_for(this.people.coordinator).get("/reunions/").content.decode()
    assert "2 lignes" in text
    assert "Aucune réunion n’est annoncée" in client_for(this.people.pjj_lead).get("/reunions/").content.decode()
    assert client_for(this.people.mayor).get("/reunions/").status_code == 404


@pytest.mark.rule("SEC-05")
def test_a_word_about_somebody_in_the_directions_warns_once_then_passes(this):
    client, here = client_for(this.people.coordinator), url(this, "modifier/")
    start = localtime(this.session.starts_at)
    form = {
        "day": start.date().isoformat(), "start": "14:00", "end": "16:30", "place": "Salle du conseil",
        "organisations": [str(row.organisation_id) for row in this.session.members.all()],
        "logistics": "salle 2, Mme Perrin est suivie en psychiatrie", "revision": this.session.revision,
    }  # fmt: skip
    page = client.post(here, form | once())
    assert page.status_code == 422
    assert form["logistics"] in page.content.decode()
    mark = re.search(r'name="confirm_text" value="(\w+)"', page.content.decode())
    assert mark is not None
    assert client.post(here, form | once() | {"confirm_text": mark[1]}).status_code == 302
