"""No main page makes more than 25 queries, and none makes more when its list goes from three items to twelve."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.minors.followups.actions import circle, referrals, schemes, stages, steps
from casework.minors.followups.codes import ActionType, CircleReason, SchemeState
from casework.minors.followups.data import PersonData, ReferralData, RepresentativeData
from casework.minors.followups.models import FollowUp
from casework.minors.followups.sections import TABS
from casework.minors.sessions.actions import meeting, minutes, preparation, room
from casework.minors.sessions.codes import PreparationState
from casework.minors.sessions.models import AgendaLine, GroupSession
from casework.sealing import keyring
from tests.people import People, client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")

LIMIT = 25
FEW, MANY = 3, 12
# Marks of transactions are not questions asked: a commit costs no more when its block has ten statements.
MARKS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
SEATED = ("municipality", "pjj_service", "aemo_service", "mds_service", "outreach_service")


@dataclass
class Town:
    """A group that works: situations with actions, circle and schemes, referrals to sort, meetings."""

    people: People
    now: datetime
    programme: LocalItem
    followed: list[FollowUp] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def viewer(self, key: str, now: datetime | None = None) -> Viewer:
        return viewer_of(self.people.mandates[key], now=now or self.now)

    def refer(self, who: str = "pjj_lead") -> FollowUp:
        before = self.now - timedelta(days=40)
        n = FollowUp.objects.count()
        person = PersonData(
            last_name=f"Zzcanari{'abcdefghijklmnopqrstuvwxyz'[n % 26]}", first_name=f"Yanis{n}",
            birth_date=date(self.now.year - 15, 1 + n % 12, 1 + n % 27), sector="Maille 2",
        )  # fmt: skip
        data = ReferralData(
            person=person, origin="pjj", gateway="csi_l132_5", reasons=("school_dropout",),
            representatives=(RepresentativeData(last_name="Zzcanari", first_name="Nora"),),
        )  # fmt: skip
        return referrals.refer(by=self.viewer(who, before), data=data, now=before)

    def follow(self) -> FollowUp:
        row = self.refer()
        before = self.now - timedelta(days=39)
        FollowUp.objects.filter(pk=row.pk).update(sorted_at=before)
        row = FollowUp.objects.get(pk=row.pk)
        by = self.viewer("coordinator", before)
        stages.follow(
            by=by, follow_up=row, lead=self.people.pjj_service, programme=self.programme, put_off="unreachable",
            next_review_on=localdate(self.now), now=before,
        )  # fmt: skip
        for key in ("aemo_service", "mds_service"):
            service = self.people.organisations[key]
            circle.enter(by=by, follow_up=row, organisation=service, reason=CircleReason.KNOWS, now=before)
        self.act_on(row, 1)
        self.followed.append(row)
        return row

    def act_on(self, row: FollowUp, times: int) -> None:
        """Add actions, late, and schemes to one situation."""
        before = self.now - timedelta(days=30)
        by = self.viewer("coordinator", before)
        items = LocalItem.objects.filter(territory=self.people.territory, list_code=ListCode.SCHEME)
        tried = row.schemes.count()
        for item in items[tried : tried + times]:
            schemes.set_state(by=by, follow_up=row, item=item, state=SchemeState.NOT_TRIED, now=before)
            steps.decide(
                by=by, follow_up=row, kind=ActionType.FAMILY_MEETING, owner=self.people.pjj_service,
                due_on=localdate(self.now) - timedelta(days=9), now=before, precision="au service",
            )  # fmt: skip

    def look(self, who: str, name: str, url: str) -> None:
        """Open a page as after signing in, nothing known in advance, and keep the number of its queries."""
        client = client_for(self.people.mandates[who])
        _forget_subject_keys()
        with ExitStack() as stack:
            captured = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections]
            answer = client.get(url)
        assert answer.status_code == 200, (who, name, answer.status_code)
        asked = [one["sql"] for each in captured for one in each if not one["sql"].startswith(MARKS)]
        self.counts[f"{who}: {name}"] = len(asked)
        shapes = Counter(sql.split(" WHERE ")[0][-90:] for sql in asked)
        self.repeated[f"{who}: {name}"] = [(shape, n) for shape, n in shapes.most_common(4) if n > 1]

    def months(self) -> None:
        """Prepare, convene, hold and tell a meeting about everybody; look at each page on the way."""
        by = self.viewer("coordinator")
        session = self._prepared()
        for row in self.followed:
            meeting.add_line(by=by, session=session, follow_up=FollowUp.objects.get(pk=row.pk), now=self.now)
        at = f"/reunions/{session.pk}/"
        self.look("coordinator", "agenda", f"{at}ordre-du-jour/")
        meeting.convene(by=by, session=session, now=self.now)
        self.look("coordinator", "agenda, convened", f"{at}ordre-du-jour/")
        self.look("pjj_lead", "preparation", f"{at}preparation/")
        lead = self.viewer("pjj_lead")
        preparation.save(
            by=lead, session=self._stored(session), now=self.now,
            lines={
                key: preparation.PreparationData(state=PreparationState.NOTHING_NEW)
                for key in session.lines.values_list("pk", flat=True)
            },
        )  # fmt: skip
        self.look("pjj_lead", "preparation, done", f"{at}preparation/")
        self.look("coordinator", "meeting, convened", at)
        self.look("pjj_lead", "meeting, convened", at)
        self._hold(session, at)
        self.look("coordinator", "minutes to submit", f"{at}releve/")
        minutes.submit(by=by, session=self._stored(session), now=self.now)
        for who in ("coordinator", "pjj_lead"):
            self.look(who, "meeting, closed", at)
            self.look(who, "minutes", f"{at}releve/")
            self.look(who, "minutes, PDF", f"{at}releve.pdf")

    def _hold(self, session: GroupSession, at: str) -> None:
        by = self.viewer("coordinator")
        row = self._stored(session)
        room.start(by=by, session=row, now=self.now, presences={one.pk: "present" for one in row.members.all()})
        lines: list[AgendaLine] = list(session.lines.order_by("position"))
        for line in lines:
            room.open_line(by=by, session=self._stored(session), line_id=line.pk, now=self.now)
            decision = room.DecisionData(
                kind=ActionType.SCHOOL_RETURN, owner_id=self.people.pjj_service.pk,
                due_on=localdate(self.now) + timedelta(days=20), precision="avec la famille",
            )  # fmt: skip
            for _ in range(FEW if len(lines) == FEW else MANY) if line is lines[-1] else range(1):
                room.decide(by=by, session=self._stored(session), line_id=line.pk, data=decision, now=self.now)
            if line is lines[-1]:
                self.look("coordinator", "room", f"{at}salle/")
                self.look("pjj_lead", "follow", f"{at}suivre/")
                self.look("coordinator", "sheet", f"{at}feuille.pdf")
            room.keep(by=by, session=self._stored(session), line_id=line.pk, now=self.now)
        room.close_session(by=by, session=self._stored(session), now=self.now)

    def _prepared(self) -> GroupSession:
        services = tuple(self.people.organisations[key].pk for key in SEATED)
        data = meeting.MeetingData(
            starts_at=self.now - timedelta(minutes=30), ends_at=self.now + timedelta(hours=2),
            place="Salle du conseil", organisation_ids=services,
        )  # fmt: skip
        return meeting.prepare(by=self.viewer("coordinator"), data=data, now=self.now)

    def _stored(self, session: GroupSession) -> GroupSession:
        return GroupSession.objects.select_related("group", "territory").get(pk=session.pk)

    def walk(self, size: int) -> dict[str, int]:
        """Bring the town to `size` of everything, look at every page, return the number of queries of each."""
        for _ in range(size - len(self.followed)):
            self.follow()
            self.refer()
            self._prepared()
        first = self.followed[0]
        self.act_on(first, size - first.schemes.count())
        self.counts = {}
        self.months()
        for who in ("coordinator", "pjj_lead"):
            self.look(who, "Mon travail", "/mon-travail/")
            self.look(who, "situations", "/situations/")
            for tab in TABS:
                self.look(who, f"situation, {tab}", f"/situations/{first.pk}/?onglet={tab}")
            self.look(who, "saisines", "/saisines/")
            self.look(who, "meetings", "/reunions/")
        self.look("coordinator", "directory", "/partenaires/services/")
        self.look("coordinator", "one service", f"/partenaires/services/{self.people.pjj_service.pk}")
        self.look("coordinator", "rules of the group", "/partenaires/reglement/")
        self.look("sysadmin", "accounts", "/partenaires/comptes/")
        self.look("pjj_lead", "my service", "/partenaires/mon-service/")
        self.look("pjj_lead", "situations of my service", "/mon-service/situations/")
        return self.counts


def _forget_subject_keys() -> None:
    """Let the page fetch the keys of its persons; those of the installation are read once a process."""
    cache = keyring.cache
    system, epochs = dict(cache.system), dict(cache.epochs)
    cache.flush(cache.generation)
    cache.system.update(system)
    cache.epochs.update(epochs)


@pytest.fixture
def town(people: People) -> Town:
    """A town with nothing in it but its lists."""
    now = timezone.now()
    day = now.date() - timedelta(days=400)
    programme, *_ = [
        LocalItem.objects.create(territory=people.territory, list_code=code, label=f"{code} {n}", valid_from=day)
        for code, many in ((ListCode.PROGRAMME, 1), (ListCode.SCHEME, MANY))
        for n in range(many)
    ]
    return Town(people, now, programme)


def test_pages_ask_little_and_never_more_for_longer_lists(town: Town) -> None:
    few = dict(town.walk(FEW))
    many = dict(town.walk(MANY))
    told = {name: f"{n} → {many[name]} {town.repeated[name]}" for name, n in few.items()}
    grown = {name: told[name] for name, n in few.items() if many[name] > n}
    assert not grown
    assert not {name: told[name] for name, n in many.items() if n > LIMIT}
