"""The files of justice of the hamlet: hosts, affectations, réparations, known returns, both sides of couple violence."""

from __future__ import annotations

import uuid
from datetime import time, timedelta
from typing import Any

from django.utils.timezone import localdate

from casework import audit
from casework.casefile.codes import ListCode
from casework.casefile.models import AttachedFile, FileContent, LocalItem
from casework.exclusions.actions import houses, school_work, team
from casework.indicators.evaluation.models import Evaluation
from casework.indicators.quarters import periods
from casework.indicators.quarters.actions import asking, contributors, words
from casework.indicators.quarters.actions.contributors import ContributorData
from casework.indicators.releases.codes import ReleaseState
from casework.partners.codes import TerritoryKind
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
from casework.sealing import keys
from casework.vif.offenders.actions import follow as measure_acts
from casework.vif.offenders.actions import papers as measure_papers
from casework.vif.offenders.models import ReportTemplate
from casework.vif.phones.actions import court_papers
from casework.vif.phones.actions import papers as phone_papers
from tests.attack.hamlet.town import TOKEN, Hamlet
from tests.indicators import editions


def placed(hamlet: Hamlet) -> None:
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


def hosted(hamlet: Hamlet) -> None:
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


def repaired(hamlet: Hamlet) -> None:
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


def measured(hamlet: Hamlet) -> None:
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
        "report_template": ReportTemplate.objects.create(
            organisation=measure.organisation, frame=measure.frame, version=1, written_at=hamlet.now,
            written_by=by.mandate_id, words={},
        ).pk,
        "measure_paper": AttachedFile.objects.get(record_id=measure.pk).pk, "measure": measure.pk, "measure_reference": measure.reference, "measure_report": report.pk,
        "measure_appointment": measure.appointments.get().pk, "duty_id": measure.obligations.first().pk,
        "letter_id": letter.pk,
        "measure_lodging": measure_acts.ask_lodging(**common, asked_of="SIAO", asked_on=localdate(hamlet.now)).pk,
        "measure_course": measure_acts.plan_course(
            **common, kind="group", starts_on=localdate(hamlet.now), ends_on=localdate(hamlet.now), agreed=False
        ).pk,
    }  # fmt: skip


def returned(hamlet: Hamlet) -> None:
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


def asked(hamlet: Hamlet) -> None:
    """Write one quarter that is asked of a school: dashboards are those of a commune, which the town is for that time."""
    town, now = hamlet.people.territory, hamlet.now
    ressort, town.kind = town.kind, TerritoryKind.COMMUNE
    town.save()
    by = hamlet.viewer("coordinator")
    data = ContributorData(giver="school", name="Collège Zz", email="zz@example.org", indicators=["truancy"])
    contributor = contributors.add(by=by, data=data, now=now)
    quarter = asking.open_quarter(by=by, period=periods.of(localdate(now)).back(1), now=now)
    words.describe(by=by, quarter=quarter, words=f"{TOKEN.lower()} bilan", mood={}, expected=None, now=now)
    town.kind = ressort
    town.save()
    hamlet.ids |= {"quarter": quarter.pk, "contributor": contributor.pk, "asking": quarter.askings.get().pk}


def supported(hamlet: Hamlet) -> None:
    """Write the support of one victim, with one of everything: her side of the wall (VIC-01 to VIC-07)."""
    from tests.vif.victims.setting import Setting

    support = Setting(hamlet.people, hamlet.now).full()
    hamlet.ids |= {
        "support": support.pk, "support_reference": support.reference, "place": support.places.get().pk,
        "order": support.orders.get().pk, "telling": support.notices.get().pk,
        "meeting_with_her": support.appointments.get().pk, "orientation": support.orientations.get().pk,
    }  # fmt: skip


def phoned(hamlet: Hamlet) -> None:
    """Give another victim a « téléphone grave danger », decided, handed over, tested, its sheet made."""
    from tests.vif.phones.setting import Setting

    town = Setting(hamlet.people, hamlet.now)
    ranked = {"titles": {}, "order": ["beneficiary", "term"], "recipients": ["operator"]}
    model = court_papers.write(
        by=hamlet.viewer("prosecutor"), letterhead="Tribunal", mention="", now=hamlet.now, expected=0, **ranked
    )
    row = town.sheet(town.used(town.opened()))
    town.test(row)
    decision = row.decisions.get()
    phone_papers.join(by=hamlet.viewer("apers_victim"), decision_id=decision.pk, upload=_scan(), now=hamlet.now)
    hamlet.ids |= {
        "phone": row.pk, "phone_device": row.device_id, "phone_support": row.support_id, "sheet": row.sheets.get().pk,
        "sheet_template": model.pk, "decision": decision.pk, "phone_paper": AttachedFile.objects.get(record_id=decision.pk).pk,
    }  # fmt: skip


def taken_in(hamlet: Hamlet) -> None:
    """Write the reception of one pupil, sent by the head of a school and received; another whose host was only asked."""
    from tests.exclusions import setting
    from tests.exclusions.setting import EDUCATOR, HOST_LEAD

    town = setting.build(hamlet.people, hamlet.now)
    town.school = "school_lead"
    support = town.agreed()
    named = hamlet.people.mandates[EDUCATOR]
    team.name_educator(by=town.viewer(HOST_LEAD), support=support, mandate_id=named.pk, now=hamlet.now, expected=None)
    school = town.viewer("school_lead")
    work = school_work.send(
        by=school, support=support, subject="Histoire", content="Chapitre 4", upload=_scan(), now=hamlet.now
    )
    waits = town.held(half_days=town.half_days(8)[4:])
    need = houses.wait(
        by=school, kind="exclusion", level="4e", starts_on=town.monday, ends_on=town.monday,
        now=hamlet.now,
    )  # fmt: skip
    hamlet.ids |= {
        "pupil": support.pk, "pupil_reference": support.reference, "pupil_asked": waits.pk, "need": need.pk,
        "pupil_half_day": support.half_days.order_by("day", "half").first().pk, "convention": town.convention.pk,
        "school_work": work.pk, "pupil_file": AttachedFile.objects.get(record_id=support.pk).pk,
        "activity": houses.add_activity(by=town.viewer(HOST_LEAD), theme="act", name="Atelier", now=hamlet.now).pk,
    }  # fmt: skip


def counted(hamlet: Hamlet) -> None:
    """Write an edition that is published, one that waits, and the evaluation of a year with words in it."""
    territory, year = hamlet.people.territory, localdate(hamlet.now).year - 1
    editions.edition(territory, year)
    proposed = editions.edition(territory, year - 1, state=ReleaseState.PROPOSED, published_at=None, agreed_by=None)
    pk = uuid.uuid4()
    keys.ensure(pk)
    with audit.writing(hamlet.viewer("coordinator"), now=hamlet.now):
        Evaluation(
            id=pk, subject_id=pk, territory=territory, year=year, opened_at=hamlet.now,
            words={"comments": {"cellule": f"{TOKEN}bilan"}, "lines": []},
        ).save(force_insert=True)  # fmt: skip
    hamlet.ids |= {"release": proposed.pk, "evaluation": pk}
