"""A hamlet that an attacker would like to read: one situation per stage, a canary in every sealed text.

    hamlet = build(people)
    hamlet.follow_ups["followed"]     the richest record: circle, schemes, actions, measure, point, mayor…
    hamlet.convened / hamlet.held     a meeting called, with preparations; one held, its minutes submitted
    hamlet.urls()                     one address per route of the site, with ids that exist

Everything is written by the actions themselves. Each canary holds `TOKEN`, the letters of its data class and the
name of its situation: a page that shows one says what it leaked, and of whom.
"""

from __future__ import annotations

import base64
import html
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.access.routes import Door, policy_of
from casework.access.viewer import Viewer
from casework.casefile.codes import ListCode
from casework.casefile.models import AttachedFile, FileContent, LocalItem
from casework.minors.followups.actions import (
    circle,
    duplicates,
    imports,
    information,
    links,
    mayor,
    merge,
    points,
    referrals,
    reserved,
    schemes,
    sorting,
    stages,
    steps,
    who_knows,
)
from casework.minors.followups.codes import (
    ActionType,
    CircleReason,
    EndReason,
    MayorGround,
    NoticeChannel,
    NoticeStatus,
    PointChannel,
    SchemeState,
    Sorting,
    Stage,
    SuspendReason,
)
from casework.minors.followups.data import PersonData, ReferralData, RepresentativeData
from casework.minors.followups.models import FollowUp, Notice, PossibleDuplicate, Referral
from casework.minors.sessions.actions import meeting, minutes, preparation, questions, room
from casework.minors.sessions.codes import QuestionTopic
from casework.minors.sessions.models import AgendaLine, GroupSession
from casework.placements.hosts.actions import accreditations, posts, structures
from casework.placements.hosts.data import HostData, OutOfUseData, PostData
from casework.placements.hosts.models import LegalReference
from casework.placements.reparation.models import DifficultyNotice, PlaceRequest, Session
from casework.placements.returns import cohorts
from casework.placements.returns.actions import sheets, watches
from casework.placements.returns.actions.ends import Ended
from casework.placements.returns.actions.watches import Known
from casework.placements.returns.codes import Kind, Result
from casework.placements.tig.actions import demands, scans
from casework.placements.tig.actions.demands import DemandData
from casework.placements.tig.models import HalfDay, Incident, PhoneCall, Proposal
from casework.vif.offenders.actions import follow as measure_acts
from casework.vif.offenders.actions import papers as measure_papers
from casework.vif.phones.actions import papers as phone_papers
from tests.people import People, viewer_of

TOKEN = "Zzqkanari"
# Data class -> the letters in its canaries.
ENDINGS = {
    "youth_identity": "idem",
    "youth_representatives": "parent",
    "youth_occupation": "lycee",
    "youth_referral": "saisi",
    "youth_review": "revue",
    "youth_sensitive": "besoin",
}
STAGES = (
    "referred", "more_asked", "redirected", "rejected", "informed", "followed", "suspended", "ended", "archived",
    "expired", "merged", "other",
)  # fmt: skip
SEATED = ("municipality", "pjj_service", "aemo_service", "mds_service", "outreach_service")
HOUR = timedelta(hours=1)
ROLES = (
    "coordinator", "mayor", "valideur", "dpo", "sysadmin", "pjj_lead", "pjj", "aemo_lead", "mds_lead", "outreach_lead",
    "outreach_colleague", "sah", "education", "spip", "apers_offender", "apers_victim", "host", "national_police",
    "municipal_police", "prosecutor", "ended", "unsigned", "not_yet", "stranger",
)  # fmt: skip
# Routes whose `pk` is neither a situation nor a meeting.
PRIMARY = {
    "followups:referral": "referral", "followups:sort": "referral", "followups:complete": "referral",
    "followups:duplicate": "duplicate", "followups:mayor_page": "disclosure", "followups:mayor_pdf": "disclosure",
    "followups:mayor_opinion": "disclosure", "followups:mayor_send": "disclosure",
    "followups:mayor_acknowledge": "disclosure", "followups:mayor_close": "disclosure",
    "followups:action_done": "action_id", "followups:action_postpone": "action_id",
    "followups:revoke_link": "link", "followups:import_batch": "batch", "followups:import_correct": "batch",
    "followups:import_carry_out": "batch", "followups:import_sign": "batch", "followups:import_discard": "batch",
    "followups:import_refused": "batch",
    "directory:service": "organisation", "directory:change_service": "organisation",
    "directory:invite": "organisation", "directory:function": "mandate", "directory:renew": "mandate",
    "directory:end": "mandate", "directory:hand_over": "mandate", "casefile:rename_item": "item",
    "casefile:change_item": "item", "casefile:delete_school_holiday": "item",
    "tig:page": "placement", "tig:find_post": "placement", "tig:act": "placement", "tig:paper": "placement",
    "tig:report": "placement", "tig:withdraw_call": "call", "tig:copy": "placement",
    "tig:without_place": "placement",
    "tig:answer": "proposal", "tig:tap": "tig_half_day", "tig:remove_half_day": "tig_half_day", "tig:sheet": "tig_post",
    "tig:week_paper": "tig_post", "tig:join_sheet": "placement", "tig:sheet_file": "tig_file",
    "tig:withdraw_sheet": "tig_file", "tig:incident": "incident", "tig:declared": "incident",
    "hosts:post_sheet": "post", "hosts:post": "post", "hosts:post_edit": "post", "hosts:post_week": "post", "hosts:post_managers": "post",
    "hosts:post_act": "post", "hosts:out_of_use": "post", "hosts:out_of_use_end": "post", "hosts:host": "host",
    "hosts:host_edit": "host", "hosts:host_step": "host", "hosts:host_act": "host", "hosts:post_new": "host", "hosts:supervisor_new": "host",
    "hosts:accreditation_new": "host", "hosts:training_new": "supervisor", "hosts:supervisor_end": "supervisor",
    "hosts:supervisor_phone": "supervisor", "hosts:note_new": "host", "hosts:note_remove": "note",
    "hosts:accreditation_act": "accreditation", "hosts:legal_replace": "legal",
    "returns:sheet": "return_sheet", "returns:sign": "return_sheet", "returns:correct": "return_sheet",
    "returns:paper": "return_sheet", "returns:question": "return_watch",
    "reparation:presence": "reparation_session", "reparation:cancel": "reparation_session",
    "reparation:victim_answer": "victim", "reparation:file": "reparation_file", "reparation:file_withdraw": "reparation_file",
    "reparation:host_answer": "reparation_request",
    "phones:signal": "support", "phones:device": "phone_device", "phones:serial": "phone_device", "phones:say": "phone_device",
    "phones:join": "decision", "phones:document": "phone_paper", "phones:document_withdraw": "phone_paper",
    "victims:place": "place", "victims:place_remove": "place", "victims:order": "order",
    "victims:part_ordonnances": "order", "victims:part_transmise": "telling", "victims:part_repondu": "telling",
    "victims:part_rendez_vous": "meeting_with_her", "victims:part_orientations": "orientation",
    "measures:outcome": "measure_appointment", "measures:cancel": "measure_appointment",
    "measures:document": "measure_paper", "measures:document_withdraw": "measure_paper",
    "measures:course": "measure_course", "measures:lodging": "measure_lodging",
    **dict.fromkeys(
        (f"measures:{name}" for name in ("report", "ask_reading", "read_over", "take_back", "transmit", "answer", "add", "paper", "text", "join_receipt")),
        "measure_report",
    ),
}  # fmt: skip


def canary(data_class: str, name: str = "") -> str:
    """Return the text put in the sealed fields of one class."""
    return f"{TOKEN}{ENDINGS[data_class]}{name}"


def needles(word: str = TOKEN) -> list[bytes]:
    """Return every way `word` may lie about in a file: encodings, cases, hexadecimal, base64 at three alignments."""
    found: set[bytes] = set()
    for text in (word, word.lower(), word.upper()):
        raw = text.encode()
        found |= {raw, text.encode("utf-16-le"), text.encode("utf-16-be"), html.escape(text).encode()}
        found |= {raw.hex().encode(), raw.hex().upper().encode(), urllib.parse.quote(text).encode()}
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + raw)
            found.add(coded[4 if shift else 0 : -4])
    return sorted(needle for needle in found if len(needle) >= 8)


@dataclass
class Hamlet:
    """What was built."""

    people: People
    now: datetime
    follow_ups: dict[str, FollowUp] = field(default_factory=dict)
    convened: GroupSession = None  # type: ignore[assignment]
    held: GroupSession = None  # type: ignore[assignment]
    ids: dict[str, Any] = field(default_factory=dict)
    token: str = ""

    def viewer(self, key: str, now: datetime | None = None) -> Viewer:
        """Return one of the cast."""
        return viewer_of(self.people.mandates[key], now=now or self.now)

    def kwargs(self, name: str, parts: Any, stage: str = "followed") -> dict[str, Any]:
        """Return ids that exist for a route called `name`."""
        words = {
            "act": "suspendre", "form_key": "refer:new", "token": self.token, "name": "incident", "kind": "releve",
            "track": "alternative", "frame": "supervision",
        }  # fmt: skip
        return {
            part: self.pk(name, stage) if part == "pk" else words[part] if part in words else self.ids[part]
            for part in parts
        }

    def pk(self, name: str, stage: str = "followed") -> Any:
        """Return the id of the object that a route is about."""
        if name.startswith("meetings:") and name != "meetings:ask":
            return self.held.pk if name.startswith(("meetings:minutes", "meetings:attendance")) else self.convened.pk
        if name in ("endings:page", "endings:act"):
            return self.follow_ups[stage].subject_id
        for space, key in (
            ("reparation:", "reparation"),
            ("victims:", "support"),
            ("measures:", "measure"),
            ("phones:", "phone"),
        ):
            if name.startswith(space) and name not in PRIMARY:
                return self.ids[key]
        return self.ids[PRIMARY[name]] if name in PRIMARY else self.follow_ups[stage].pk

    def urls(self, *, stage: str = "followed") -> Iterator[tuple[str, str, Any]]:
        """Yield (route name, address, view) for every route of the site."""
        for name, pattern in named_routes():
            yield name, reverse(name, kwargs=self.kwargs(name, pattern.pattern.converters, stage)), pattern.callback


def named_routes() -> Iterator[tuple[str, Any]]:
    """Yield (« namespace:name », pattern) for every route."""

    def walk(entries: Any, space: str) -> Iterator[tuple[str, Any]]:
        for entry in entries:
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, f"{entry.namespace}:" if entry.namespace else space)
            else:
                yield f"{space}{entry.name}", entry

    yield from walk(get_resolver().url_patterns, "")


def object_routes() -> list[tuple[str, Any]]:
    """Return the routes behind the member door that carry a uuid."""
    return [
        (name, pattern)
        for name, pattern in named_routes()
        if "pk" in pattern.pattern.converters and getattr(policy_of(pattern.callback), "door", None) is Door.MEMBER
    ]


def build(people: People, *, now: datetime | None = None) -> Hamlet:
    """Write the hamlet."""
    hamlet = Hamlet(people, now or timezone.now())
    people.rules.who_knows_enabled = True
    people.rules.save()  # not update(): the row carries a seal
    _items(hamlet)
    for stage in STAGES:
        hamlet.follow_ups[stage] = arrive(hamlet, stage)
    _twins(hamlet)
    _rich(hamlet)
    _move_on(hamlet)
    _held(hamlet)
    _convene(hamlet)
    _around(hamlet)
    _placed(hamlet)
    _hosted(hamlet)
    _repaired(hamlet)
    _returned(hamlet)
    _supported(hamlet)
    _measured(hamlet)
    _phoned(hamlet)
    for key, row in hamlet.follow_ups.items():
        hamlet.follow_ups[key] = FollowUp.objects.select_related("person").get(pk=row.pk)
    return hamlet


def _placed(hamlet: Hamlet) -> None:
    """Write one affectation of the SPIP, its host asked, with a half-day and an incident."""
    now, by = hamlet.now, hamlet.viewer("spip")
    today = localdate(now)
    activity = LocalItem.objects.create(
        territory=hamlet.people.territory, list_code=ListCode.ACTIVITY_SECTOR, label="Vergers",
        valid_from=hamlet.people.since.date(),
    )  # fmt: skip
    host = structures.inscribe(by=by, data=HostData(name="Vergers", legal_kind="public"), now=now)
    post = posts.describe(
        by=by, host=host, data=PostData(nature="Vergers", activity=activity.pk, audience="both"), half_days=(), now=now
    )
    data = DemandData(
        case_mark="Zzmarque", minutes=600, last_useful_on=today + timedelta(days=90), weekly=1, availability=["0-am"]
    )
    row = demands.open_demand(by=by, data=data, now=now)
    common: dict[str, Any] = {"subject_id": row.subject_id, "territory_id": row.territory_id, "placement": row}
    with audit.writing(by, now=now):
        proposal = Proposal(
            post=post, asked_at=now, asked_by=by.mandate_id, answer_by=today + timedelta(days=5), **common
        )
        half_day = HalfDay(
            post=post, day=today + timedelta(days=9), half="am", starts_at=time(8, 30), ends_at=time(12),
            planned_minutes=210, **common,
        )  # fmt: skip
        incident = Incident(
            occurred_on=today, reported_at=now, answer_by=today + timedelta(days=2), kind="absence", precision="",
            answer="", sheet={}, **common,
        )  # fmt: skip
        sheet = AttachedFile(
            subject_id=row.subject_id, territory_id=row.territory_id, record_id=row.pk, kind=scans.KIND,
            data_class="placement", name=f"{TOKEN}feuille", added_at=now, added_by=by.mandate_id,
            organisation_id=by.organisation_id, details={"type": "pdf", "size": 4, "week": today.isoformat()},
        )  # fmt: skip
        content = FileContent(subject_id=row.subject_id, file=sheet, content=b"scan")
        for each in (proposal, half_day, incident, sheet, content):
            each.save(force_insert=True)
    call = PhoneCall.objects.create(
        territory=hamlet.people.territory, service=hamlet.people.spip.organisation, post=post, minutes=420, weekly=1,
        last_useful_on=today + timedelta(days=90), recorded_at=now, recorded_by=hamlet.people.host.pk,
        asked_of=hamlet.people.spip.pk, confirm_by=today + timedelta(days=7),
    )  # fmt: skip
    hamlet.ids |= {
        "placement": row.pk, "tig_reference": row.reference, "proposal": proposal.pk, "tig_half_day": half_day.pk, "incident": incident.pk,
        "tig_post": post.pk, "call": call.pk, "tig_file": sheet.pk,
    }  # fmt: skip


def _hosted(hamlet: Hamlet) -> None:
    """Write one host with an accreditation, a tutor and a post that the host’s agent manages."""
    now, by = hamlet.now, hamlet.viewer("spip")
    activity = LocalItem.objects.create(
        territory=hamlet.people.territory, list_code=ListCode.ACTIVITY_SECTOR, label="Jardins",
        valid_from=hamlet.people.since.date(),
    )  # fmt: skip
    data = HostData(name="Ressourcerie", legal_kind="association", organisation=hamlet.people.host_body.pk)
    host = structures.inscribe(by=by, data=data, now=now)
    accreditation = accreditations.record(
        by=by, host=host, audience="adults", decided_on=localdate(now) - timedelta(days=9), now=now
    )
    tutor = structures.add_supervisor(
        by=by, host=host, name="Zztuteur", is_manager=True, mandate_id=hamlet.people.host.pk, now=now
    )
    note = structures.add_note(by=by, host=host, text="Zznote", now=now)
    post = posts.describe(
        by=by, host=host, data=PostData(nature="Jardins", activity=activity.pk, audience="both"), half_days=(), now=now
    )
    posts.set_managers(by=by, post=post, supervisors=[tutor.pk], now=now)
    tomorrow = localdate(now) + timedelta(days=1)
    away = OutOfUseData(starts_on=tomorrow, ends_on=tomorrow, reason="works")
    period = posts.close_places(by=by, post=post, data=away, now=now)
    hamlet.ids |= {
        "host": host.pk, "accreditation": accreditation.pk, "supervisor": tutor.pk, "post": post.pk, "note": note.pk,
        "period_id": period.pk, "legal": LegalReference.objects.create(
            code="test", label="Objet", ref="art. 1", valid_from=hamlet.people.since.date()
        ).pk,
    }  # fmt: skip


def _repaired(hamlet: Hamlet) -> None:
    """Write one réparation of the PJJ, whose victim is asked, with a half-day, a paper and a difficulty."""
    from tests.placements.reparation.setting import Setting

    by = hamlet.viewer("pjj")
    reparation, victim = Setting(catalogue=hamlet, post=None).waiting()  # type: ignore[arg-type]  # it asks for people, now, viewer
    common = {
        "reparation": reparation, "territory_id": reparation.territory_id, "subject_id": reparation.subject_id,
    }  # fmt: skip
    session = Session(
        **common, kind="preparation", day=localdate(hamlet.now), half="am", starts_at=time(9), ends_at=time(12)
    )
    difficulty = DifficultyNotice(
        **common, told_on=localdate(hamlet.now), recorded_by=by.mandate_id, kind="absent", precision=""
    )
    with audit.writing(by, now=hamlet.now):
        request = PlaceRequest(
            **common, post_id=hamlet.ids["post"], asked_at=hamlet.now, asked_by=by.mandate_id,
            answer_by=localdate(hamlet.now) + timedelta(days=5),
        )  # fmt: skip
        for each in (session, difficulty, request):
            each.save(force_insert=True)
    hamlet.ids |= {
        "reparation_request": request.pk, "reparation_reference": reparation.reference,
        "reparation": reparation.pk, "victim": victim.pk, "reparation_session": session.pk,
        "reparation_file": AttachedFile.objects.get(record_id=reparation.pk, kind="decision").pk,
        "difficulty": difficulty.pk, "post_pk": hamlet.ids["post"],
    }  # fmt: skip


def _scan() -> Any:
    """Return a signed paper, as a scanner gives it."""
    from tests.placements.reparation.setting import paper

    return paper()


def _measured(hamlet: Hamlet) -> None:
    """Write one measure of couple violence, author's side, with an incident signalled and a bit of everything."""
    from tests.vif.offenders.setting import Setting as Side

    side, by = Side(hamlet.people, hamlet.now), hamlet.viewer("apers_offender")
    report = side.incident(side.active())
    measure = report.measure
    common: dict[str, Any] = {"by": by, "measure": measure, "now": hamlet.now}
    letter = measure_acts.orient(
        **common, to="Zzcanari Association", why="Zzcanari demande", sent_on=localdate(hamlet.now)
    )
    measure_papers.join(by=by, measure=measure, kind="measure_order", upload=_scan(), now=hamlet.now)
    hamlet.ids |= {
        "measure_paper": AttachedFile.objects.get(record_id=measure.pk).pk, "measure": measure.pk, "measure_reference": measure.reference, "measure_report": report.pk,
        "measure_appointment": measure.appointments.get().pk, "duty_id": measure.obligations.first().pk,
        "letter_id": letter.pk,
        "measure_lodging": measure_acts.ask_lodging(**common, asked_of="SIAO", asked_on=localdate(hamlet.now)).pk,
        "measure_course": measure_acts.plan_course(
            **common, kind="group", starts_on=localdate(hamlet.now), ends_on=localdate(hamlet.now), agreed=False
        ).pk,
    }  # fmt: skip


def _returned(hamlet: Hamlet) -> None:
    """Write the sheet of known returns that the head of the PJJ fills, and the question put to an educator."""
    by = hamlet.viewer("pjj_lead")
    month = cohorts.months_later(localdate(hamlet.now).replace(day=1), -14)
    ended = Ended(
        territory_id=hamlet.people.territory.pk, organisation_id=hamlet.people.pjj_service.pk, kind=Kind.REPARATION,
        result=Result.DONE, received_on=month, on=month,
    )  # fmt: skip
    watch_id, officer = watches.make_key(), hamlet.viewer("pjj")
    with audit.writing(officer, now=hamlet.now) as w:
        watches.leave(
            w, watch_id=watch_id, ended=ended, known=Known(last_name="Zzretour"), officers=[officer.mandate_id],
            by=officer, now=hamlet.now,
        )  # fmt: skip
    hamlet.ids["return_watch"] = watch_id
    hamlet.ids["return_sheet"] = sheets.open_sheet(by=by, year=hamlet.now.year, now=hamlet.now).pk


def _supported(hamlet: Hamlet) -> None:
    """Write the support of one victim, with one of everything: her side of the wall (VIC-01 to VIC-07)."""
    from tests.vif.victims.setting import Setting

    support = Setting(hamlet.people, hamlet.now).full()
    hamlet.ids |= {
        "support": support.pk, "support_reference": support.reference, "place": support.places.get().pk,
        "order": support.orders.get().pk, "telling": support.notices.get().pk,
        "meeting_with_her": support.appointments.get().pk, "orientation": support.orientations.get().pk,
    }  # fmt: skip


def _phoned(hamlet: Hamlet) -> None:
    """Give another victim a « téléphone grave danger », decided, handed over, tested, its sheet made."""
    from tests.vif.phones.setting import Setting

    town = Setting(hamlet.people, hamlet.now)
    row = town.sheet(town.used(town.opened()))
    town.test(row)
    decision = row.decisions.get()
    phone_papers.join(by=hamlet.viewer("apers_victim"), decision_id=decision.pk, upload=_scan(), now=hamlet.now)
    hamlet.ids |= {
        "phone": row.pk, "phone_device": row.device_id, "phone_support": row.support_id, "sheet": row.sheets.get().pk,
        "decision": decision.pk, "phone_paper": AttachedFile.objects.get(record_id=decision.pk).pk,
    }  # fmt: skip


def _items(hamlet: Hamlet) -> None:
    since = hamlet.people.since.date()
    for code, label in (
        (ListCode.PROGRAMME, "Parcours"), (ListCode.SCHEME, "Mission locale"), (ListCode.REDIRECT, "GPDS"),
    ):  # fmt: skip
        hamlet.ids[f"item_{code}"] = LocalItem.objects.create(
            territory=hamlet.people.territory, list_code=code, label=label, valid_from=since
        )
    hamlet.ids["item"] = hamlet.ids[f"item_{ListCode.SCHEME}"].pk


def arrive(hamlet: Hamlet, name: str, *, who: str = "pjj_lead", days: int = 45) -> FollowUp:
    """Let a service refer somebody, all of whose texts are canaries."""
    then = hamlet.now - timedelta(days=days)
    identity, parent = canary("youth_identity", name), canary("youth_representatives", name)
    data = ReferralData(
        person=PersonData(
            last_name=identity, first_name=canary("youth_identity", "prenom"), sector="Maille 2",
            birth_date=date(hamlet.now.year - 15, 1 + len(name), 3), address=f"{identity} 4 rue des Ormes",
            phone="06 39 98 77 66", email=f"{identity}@mail.example", school=canary("youth_occupation", name),
        ),
        origin="pjj", gateway="csi_l132_5", reasons=("school_dropout",), referred_by=canary("youth_referral", name),
        representatives=(
            RepresentativeData(
                last_name=parent, first_name=canary("youth_representatives", "mere"), address=f"{parent} 9 allée",
                phone="06 39 98 55 44", email=f"{parent}@mail.example",
            ),
        ),
    )  # fmt: skip
    return referrals.refer(by=hamlet.viewer(who, then), data=data, now=then)


def choose(hamlet: Hamlet, name: str, choice: str, **more: Any) -> None:
    """Let the coordinator sort."""
    then = hamlet.now - timedelta(days=44)
    referral = Referral.objects.get(follow_up=hamlet.follow_ups[name])
    sorting.sort(by=hamlet.viewer("coordinator", then), referral_id=referral.pk, choice=choice, now=then, **more)
    hamlet.follow_ups[name].refresh_from_db()


def inform(hamlet: Hamlet, name: str) -> None:
    """Record that everybody was told."""
    then = hamlet.now - timedelta(days=43)
    row = hamlet.follow_ups[name]
    for notice in Notice.objects.filter(follow_up=row):
        information.record(
            by=hamlet.viewer("coordinator", then), notice_id=notice.pk, follow_up=row, now=then,
            data=information.NoticeData(
                status=NoticeStatus.INFORMED, informed_on=then.date(), channel=NoticeChannel.PHONE
            ),
        )  # fmt: skip
        row.refresh_from_db()


def follow(hamlet: Hamlet, name: str) -> None:
    """Enter into follow-up, the PJJ in charge."""
    then = hamlet.now - timedelta(days=42)
    row = hamlet.follow_ups[name]
    stages.follow(
        by=hamlet.viewer("coordinator", then), follow_up=row, lead=hamlet.people.pjj_service, now=then,
        programme=hamlet.ids[f"item_{ListCode.PROGRAMME}"], next_review_on=localdate(hamlet.now),
        put_off="" if row.state == Stage.INFORMED else "unreachable",
    )  # fmt: skip
    row.refresh_from_db()


def _move_on(hamlet: Hamlet) -> None:
    """Bring each situation to the stage it is called by."""
    by, now, rows = hamlet.viewer("coordinator"), hamlet.now, hamlet.follow_ups
    choose(hamlet, "more_asked", Sorting.MORE_ASKED, words=canary("youth_referral", "more_asked"))
    choose(hamlet, "redirected", Sorting.REDIRECTED, redirect_to=hamlet.ids[f"item_{ListCode.REDIRECT}"].pk)
    choose(hamlet, "rejected", Sorting.OUT_OF_SCOPE)
    for name in ("suspended", "ended", "archived", "expired"):
        choose(hamlet, name, Sorting.TO_STUDY)
        follow(hamlet, name)
    stages.suspend(by=by, follow_up=rows["suspended"], reason=SuspendReason.ABSENT, now=now)
    for name in ("ended", "archived"):
        stages.end(by=by, follow_up=rows[name], reason=EndReason.values[0], now=now)
    for name in ("ended", "archived", "expired"):
        FollowUp.objects.filter(pk=rows[name].pk).update(state=Stage(name))


def _twins(hamlet: Hamlet) -> None:
    """Refer one person twice: merge one pair, leave another to settle."""
    by, now, rows = hamlet.viewer("coordinator"), hamlet.now, hamlet.follow_ups
    twin = arrive(hamlet, "merged", who="mds_lead", days=44)
    again = arrive(hamlet, "other", who="aemo_lead", days=44)
    duplicates.catch_up(now)
    pair = PossibleDuplicate.objects.get(newer=twin, older=rows["merged"])
    merge.merge(by=by, duplicate_id=pair.pk, keep_id=twin.pk, now=now)
    rows["kept"] = FollowUp.objects.get(pk=twin.pk)
    rows["again"] = again
    hamlet.ids["duplicate"] = PossibleDuplicate.objects.get(newer=again, older=rows["other"]).pk


def _rich(hamlet: Hamlet) -> None:
    """Fill the situation « followed » with one of everything, and inform the « informed » one."""
    people, now, by = hamlet.people, hamlet.now, hamlet.viewer("coordinator")
    for name in ("informed", "followed"):
        choose(hamlet, name, Sorting.TO_STUDY)
        inform(hamlet, name)
    follow(hamlet, "followed")
    row, today = hamlet.follow_ups["followed"], localdate(now)
    for key in ("aemo_service", "outreach_service"):
        circle.enter(
            by=by, follow_up=row, organisation=people.organisations[key], reason=CircleReason.KNOWS, now=now - HOUR
        )
    schemes.set_state(
        by=by, follow_up=row, item=hamlet.ids[f"item_{ListCode.SCHEME}"], state=SchemeState.NOT_TRIED, now=now
    )
    step = steps.decide(
        by=by, follow_up=row, kind=ActionType.FAMILY_MEETING, owner=people.pjj_service,
        due_on=today - timedelta(days=2), now=now - timedelta(days=20), precision=canary("youth_review", "followed"),
    )  # fmt: skip
    pjj = hamlet.viewer("pjj_lead")
    reserved.record_measure(
        by=pjj, follow_up=row, kind="mesure_educative_judiciaire", starts_on=date(2021, 2, 23), ends_on=None, now=now
    )
    reserved.record_sensitive(
        by=pjj, follow_up=row, kind="care_proposed", necessity=canary("youth_sensitive", "followed"),
        expires_on=today + timedelta(days=30), now=now,
    )  # fmt: skip
    points.hold(
        by=pjj, follow_up=row, organisation_ids=[people.aemo_service.pk], held_at=now - HOUR / 2,
        channel=PointChannel.PHONE, now=now, precision=canary("youth_review", "followed point"),
    )  # fmt: skip
    who_knows.ask(
        by=by, follow_up_ids=[row.pk], organisation_ids=[people.mds_service.pk], answer_by=today + timedelta(days=9),
        now=now,
    )  # fmt: skip
    page = mayor.prepare(
        by=by, follow_up=row, act="mayor_warning", gateway="csi_l132_3", ground=MayorGround.INCIVILITY, now=now
    )
    if mayor.opinion_required(row, now):
        mayor.record_opinion(by=by, follow_up=row, disclosure_id=page.pk, opinion="favourable", on=today, now=now)
    mayor.send(by=by, follow_up=row, disclosure_id=page.pk, now=now)
    row.refresh_from_db()
    hamlet.ids |= {
        "item_id": row.schemes.get().item_id, "action_id": step.pk, "disclosure": page.pk,
        "notice_id": row.notices.order_by("pk")[0].pk,
        "referral": Referral.objects.get(follow_up=hamlet.follow_ups["referred"]).pk,
    }  # fmt: skip


def _meeting(hamlet: Hamlet, starts_at: datetime, now: datetime) -> GroupSession:
    return meeting.prepare(
        by=hamlet.viewer("coordinator", now), now=now,
        data=meeting.MeetingData(
            starts_at=starts_at, ends_at=starts_at + 2 * HOUR, place="Salle du conseil",
            organisation_ids=tuple(hamlet.people.organisations[key].pk for key in SEATED),
        ),
    )  # fmt: skip


def _fresh(session: GroupSession) -> GroupSession:
    return GroupSession.objects.select_related("group", "territory").get(pk=session.pk)


def lines_of(session: GroupSession) -> list[AgendaLine]:
    """Return the lines of a meeting."""
    return list(session.lines.order_by("position"))


def _held(hamlet: Hamlet) -> None:
    """Hold a meeting two days ago on the followed and the informed situations; submit its minutes."""
    now = hamlet.now - timedelta(days=2)
    by = hamlet.viewer("coordinator", now)
    session = _meeting(hamlet, now - HOUR / 2, now - timedelta(days=10))
    for name in ("followed", "informed"):
        meeting.add_line(by=by, session=session, follow_up=hamlet.follow_ups[name], now=now)
    meeting.convene(by=by, session=session, now=now)
    session = _fresh(session)
    everybody = {row.pk: "present" for row in session.members.filter(is_guest=False)}
    room.start(by=by, session=session, now=now, presences=everybody)
    for line in lines_of(session):
        room.open_line(by=by, session=session, line_id=line.pk, now=now)
        if line.follow_up_id == hamlet.follow_ups["followed"].pk:
            room.decide(
                by=by, session=session, line_id=line.pk, now=now,
                data=room.DecisionData(
                    kind=ActionType.SCHOOL_RETURN, owner_id=hamlet.people.pjj_service.pk,
                    due_on=localdate(hamlet.now) + timedelta(days=12),
                    precision=canary("youth_review", "followed decide"),
                ),
            )  # fmt: skip
        room.keep(by=by, session=session, line_id=line.pk, now=now)
    room.close_session(by=by, session=_fresh(session), now=now)
    minutes.submit(by=by, session=_fresh(session), now=now)
    hamlet.held = _fresh(session)
    for row in hamlet.follow_ups.values():
        row.refresh_from_db()


def _convene(hamlet: Hamlet) -> None:
    """Call the next meeting: the followed and the referred situations, a question, two preparations."""
    now, by = hamlet.now, hamlet.viewer("coordinator")
    session = _meeting(hamlet, now + timedelta(days=7), now)
    choose(hamlet, "referred", Sorting.TO_STUDY)
    for name in ("followed", "referred"):
        meeting.add_line(by=by, session=session, follow_up=hamlet.follow_ups[name], now=now)
    asked = questions.ask(
        by=hamlet.viewer("aemo_lead"), data=questions.QuestionData(topic=QuestionTopic.values[0]), now=now
    )
    meeting.convene(by=by, session=_fresh(session), now=now)
    session = _fresh(session)
    line = session.lines.get(follow_up=hamlet.follow_ups["followed"])
    for key in ("pjj_lead", "aemo_lead"):
        preparation.save(
            by=hamlet.viewer(key), session=session, now=now,
            lines={line.pk: preparation.PreparationData(state="will_speak")},
        )  # fmt: skip
    hamlet.convened = session
    hamlet.ids |= {
        "question_id": asked.pk, "line_id": line.pk,
        "member_id": session.members.exclude(organisation=hamlet.people.municipality)[0].pk,
    }  # fmt: skip


def _around(hamlet: Hamlet) -> None:
    """Write the rest: a single-use link, an import, ids of the directory."""
    people, now, by = hamlet.people, hamlet.now, hamlet.viewer("coordinator")
    link = links.create(by=by, organisation_id=people.school.pk, email="secretariat@college.example", days=7, now=now)
    hamlet.token = link.url.rstrip("/").rsplit("/", 1)[-1]
    word = canary("youth_identity", "tableur")
    batch = imports.deposit(
        by=by, content=f"Nom;Prénom;Date de naissance\n{word};{word};03/01/2012\n".encode(), now=now
    )
    hamlet.ids |= {
        "link": link.id, "batch": batch.pk, "organisation": people.aemo_service.pk, "mandate": people.aemo.pk,
        "agent_id": people.aemo.agent_id, "group_id": people.group.pk,
        "seat_id": people.memberships["aemo_service"].seats.all()[0].pk,
    }  # fmt: skip
