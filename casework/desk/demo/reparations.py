"""Twenty réparations at every stage, in the hands of the PJJ and of the accredited association.

Those that need a host take one that receives minors; without any, they stop before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO

from django.utils.timezone import localdate
from PIL import Image

from casework.casefile.attached import Upload
from casework.casefile.calendar import next_working_day
from casework.casefile.retention import months_after
from casework.desk.demo.story import Story
from casework.partners.codes import Role
from casework.placements.hosts.codes import Half, PostState
from casework.placements.hosts.models import Post
from casework.placements.hosts.reads import calendar
from casework.placements.reparation.actions import activity, agreements, files, follow, hosting, opening
from casework.placements.reparation.actions.activity import PlaceData
from casework.placements.reparation.actions.hosting import AskData
from casework.placements.reparation.actions.opening import OrderData
from casework.placements.reparation.codes import Authority, Difficulty, FileKind, Form, Goal, Outcome, Track
from casework.placements.reparation.models import Reparation

ALT, MOD = Track.ALTERNATIVE, Track.MODULE
# Who, which track, days since the order, days from the order to the term, how far it went, towards whom.
CASES: tuple[tuple[str, Track, int, int, str, Form], ...] = (
    ("pjj", ALT, 3, 120, "proposed", Form.COMMUNITY),
    ("pjj", MOD, 90, 330, "running", Form.COMMUNITY),
    ("sah", ALT, 60, 120, "running", Form.COMMUNITY),
    ("pjj", MOD, 40, 240, "waiting", Form.MEDIATION),
    ("sah", MOD, 5, 300, "ordered", Form.COMMUNITY),
    ("pjj", ALT, 22, 120, "asked", Form.COMMUNITY),
    ("pjj", ALT, 130, 150, "reported", Form.COMMUNITY),
    ("sah", ALT, 150, 150, "closed", Form.COMMUNITY),
    ("pjj", ALT, 30, 150, "assigned", Form.COMMUNITY),
    ("pjj", MOD, 80, 200, "difficulty", Form.COMMUNITY),
    ("sah", ALT, 12, 120, "proposed", Form.COMMUNITY),
    ("pjj", MOD, 9, 200, "ordered", Form.COMMUNITY),
    ("pjj", ALT, 20, 120, "agreed", Form.COMMUNITY),
    ("sah", ALT, 45, 150, "waiting", Form.VICTIM),
    ("pjj", ALT, 25, 90, "refused", Form.COMMUNITY),
    ("pjj", ALT, 50, 140, "turned", Form.VICTIM),
    ("sah", MOD, 60, 200, "moved", Form.COMMUNITY),
    ("pjj", MOD, 170, 190, "reported", Form.COMMUNITY),
    ("pjj", ALT, 140, 150, "closed", Form.COMMUNITY),
    ("pjj", ALT, 145, 130, "failed", Form.COMMUNITY),
)
GOALS = ((Goal.RESPONSIBILITY, Goal.ACTIVITY, Goal.PARENTS), (Goal.HARM, Goal.ATTENDANCE, Goal.ACTIVITY))
SMALL = 8  # réparations of a small town, enough to meet most stages


@dataclass
class _Case:
    """One réparation being told."""

    story: Story
    who: str
    track: Track
    ordered_on: date
    form: Form
    row: Reparation

    def on(self, days: int) -> datetime:
        """Return an instant that many days after the order, never after now."""
        return self.story.at(min(self.ordered_on + timedelta(days=days), self.story.today), 9)

    def act(self, days: int, do: Callable[..., object], **given: object) -> None:
        """Carry out one act of the educator; the row is read again before and after."""
        now = self.on(days)
        self.row.refresh_from_db()
        with self.story.moment(self.who, now) as viewer:
            do(by=viewer, reparation=self.row, now=now, **given)
        self.row.refresh_from_db()


def tell(story: Story, size: int) -> None:
    """Tell them, each through the same acts as on screen."""
    for number, spec in enumerate(CASES if size > 3 * SMALL else CASES[:SMALL]):
        _tell(story, number, *spec)


def _tell(story: Story, number: int, who: str, track: Track, age: int, length: int, stage: str, form: Form) -> None:
    child = story.inventor.person()
    ordered_on = story.today - timedelta(days=age)
    born_on = min(child.birth_date, months_after(ordered_on, -14 * 12))
    born_on = max(born_on, months_after(ordered_on, -17 * 12))
    facts_on = ordered_on - timedelta(days=60)
    measure = (
        (ordered_on - timedelta(days=20), ordered_on + timedelta(days=500)) if track == MOD and number % 2 else None
    )
    data = OrderData(
        track=track, authority=Authority.PROSECUTOR if track == ALT else Authority.CHILDREN_JUDGE, ordered_on=ordered_on,
        term_on=ordered_on + timedelta(days=length), last_name=child.last_name, first_name=child.first_name,
        born_on=born_on, facts_on=facts_on, phone=child.phone, parents=f"Famille {child.last_name}",
        parents_phone="06 39 98 00 21", case_mark=f"PJJ {ordered_on.year}/{number + 118}",
        facts="dégradation d’un abribus", goals=GOALS[number % 2],
        measure_from=measure[0] if measure else None, measure_to=measure[1] if measure else None,
    )  # fmt: skip
    now = story.at(ordered_on, 10)
    with story.moment(who, now) as viewer:
        row = opening.receive(by=viewer, data=data, now=now)
    case = _Case(story, who, track, ordered_on, form, Reparation.objects.select_related("organisation").get(pk=row.pk))
    if stage not in ("proposed", "ordered"):
        _words(case, refused=stage == "refused")
        _then(case, stage)


def _words(case: _Case, *, refused: bool) -> None:
    for party in ("minor", "parents"):
        answer = "heard" if case.track == MOD else "refused" if refused and party == "parents" else "agreed"
        summoned = case.ordered_on + timedelta(days=2) if case.track == ALT and party == "parents" else None
        case.act(
            7, agreements.record, party=party, answer=answer, said_on=localdate(case.on(6)), summoned_on=summoned,
            upload=_paper(),
        )  # fmt: skip
    if case.track == MOD:
        case.act(7, files.join, kind=FileKind.DECISION, upload=_paper())
    if refused:
        case.act(9, agreements.give_back, closed_on=localdate(case.on(9)), expected=None)


def _then(case: _Case, stage: str) -> None:
    if stage in ("refused", "agreed"):
        return
    if case.form != Form.COMMUNITY:
        _victim(case, refuses=stage == "turned")
        return
    if stage == "moved":
        days = 40
        case.act(days, follow.stop, outcome=Outcome.MOVED, closed_on=localdate(case.on(days)), expected=None)
        return
    if not _place(case, ask=stage == "asked") or stage in ("assigned", "asked"):
        return
    _attend(case, misses=stage in ("difficulty", "failed"))
    if stage == "difficulty":
        case.act(
            60,
            follow.tell_magistrate,
            kind=Difficulty.ABSENCES,
            told_on=localdate(case.on(60)),
            precision="",
            expected=None,
        )
    if stage in ("reported", "closed", "failed"):
        _end(case, stage)


def _victim(case: _Case, *, refuses: bool) -> None:
    case.act(
        14, activity.assign_towards_victim, form=case.form, accredited=True, expected=None,
        mediator="Passerelles Médiation" if case.form == Form.MEDIATION else "",
    )  # fmt: skip
    somebody = case.story.inventor.person()
    case.act(
        15, agreements.add_victim, last_name=somebody.last_name, first_name=somebody.first_name, phone="06 39 98 00 45",
        asked_on=localdate(case.on(15)),
    )  # fmt: skip
    if refuses:
        now = case.on(30)
        victim = case.row.victims.get()
        victim.reparation = case.row
        with case.story.moment(case.who, now) as viewer:
            agreements.answer_of_victim(
                by=viewer, victim=victim, answer="refused", answered_on=localdate(now), now=now, expected=None
            )


def _place(case: _Case, *, ask: bool) -> bool:
    """Find half-days, one a week, at the first host that receives minors; say whether there were.

    `ask`: the host was asked yesterday and has not answered.
    """
    first = (case.story.today if ask else case.ordered_on) + timedelta(days=15)
    posts = Post.objects.filter(
        territory=case.story.town.territory, state=PostState.LISTED, listed_minors_on__isnull=False
    ).order_by("reference")  # fmt: skip
    # The Régie, whose manager has an account, first: the demo shows its sheet.
    for post in sorted(
        posts.select_related("host"), key=lambda each: not each.grants.filter(mandate__role=Role.HOST).exists()
    ):
        found = calendar.places([post.pk], first, min(case.row.term_on, first + timedelta(weeks=10)))[post.pk]
        weeks: dict[int, tuple[date, Half]] = {}
        for (day, half), counted in sorted(found.items()):
            if counted.free:
                weeks.setdefault((day - first).days // 7, (day, half))
        slots = list(weeks.values())[:6]
        if len(slots) < 3:
            continue
        if ask:
            yesterday = (case.story.today - case.ordered_on).days - 1
            case.act(yesterday, hosting.ask, data=AskData(post_id=post.pk, slots=slots), expected=None)
            return True
        now = case.on(12)
        data = PlaceData(post_id=post.pk, slots=slots, host_agreed_on=localdate(now))
        case.act(12, activity.assign_community, data=data, expected=None)
        return True
    return False


def _attend(case: _Case, *, misses: bool) -> None:
    """Let the educator write the presence of what is past, the last one left to do."""
    past = list(case.row.sessions.filter(day__lt=case.story.today - timedelta(days=1)).order_by("day"))
    for n, session in enumerate(past):
        now = case.story.at(next_working_day(session.day), 18)
        presence = "absent" if misses and n % 2 else "late" if n % 3 == 2 else "present"
        with case.story.moment(case.who, now) as viewer:
            follow.record_presence(
                by=viewer, session=follow.find_session(viewer, session.pk, now), presence=presence, now=now,
                parents=("present", "associated", "absent")[n % 3], expected=None,
            )  # fmt: skip
    case.row.refresh_from_db()


def _end(case: _Case, stage: str) -> None:
    days = (case.story.today - case.ordered_on).days
    result = "not" if stage == "failed" else "achieved"
    results = dict.fromkeys([goal.pk for goal in case.row.goals.all()], result)
    case.act(days - 10, follow.rate, results=results)
    case.act(
        days - 9, follow.report, reported_on=localdate(case.on(days - 9)), expected=None,
        conclusion="" if stage == "failed" else "Le jeune est venu, a compris et a tenu ses engagements.",
    )  # fmt: skip
    if stage == "reported":
        return
    outcome = Outcome.PROSECUTED if stage == "failed" else Outcome.DISMISSED
    case.act(days - 3, follow.close, outcome=outcome, closed_on=localdate(case.on(days - 3)), expected=None)


def _paper() -> Upload:
    """Return a blank sheet, as a scanner gives it."""
    out = BytesIO()
    Image.new("L", (120, 170), 255).save(out, "PNG")
    return Upload(name="document-signe.png", content=out.getvalue())
