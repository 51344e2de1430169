"""Twenty-five victims supported by the association, each told through the acts of their officer.

Names, days and places are of this file alone: nothing in it meets anybody of another room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from casework.casefile.retention import months_after
from casework.desk.demo.story import Story
from casework.vif.victims.actions import follow, notices, opening, orders, whereabouts
from casework.vif.victims.actions.notices import CallData
from casework.vif.victims.actions.opening import ContactData, SupportData
from casework.vif.victims.actions.orders import OrderData
from casework.vif.victims.codes import (
    Answer,
    Asker,
    Channel,
    ConsentKind,
    Contact,
    Elected,
    End,
    Meeting,
    Opinion,
    OrderKind,
    OrientationOutcome,
    Origin,
    Outcome,
    Place,
    Term,
)
from casework.vif.victims.models import VictimSupport

OFFICER, LEAD = "apers_victim", "apers_victim_lead"
# First name, name, days since she came, who sent her, how she is reached, how far it went.
WOMEN: tuple[tuple[str, str, int, Origin, str, str], ...] = (
    ("Nawel", "Ouzegane", 212, Origin.PROSECUTOR, "call", "order"),
    ("Agathe", "Verlinde", 187, Origin.POLICE, "text", "told"),
    ("Paloma", "Iturralde", 163, Origin.HERSELF, "never", "order"),
    ("Hortense", "Kermarrec", 151, Origin.HOSPITAL, "through", "sheltered"),
    ("Sabiha", "Yildirim", 139, Origin.SOCIAL_SERVICE, "call", "ending"),
    ("Capucine", "Delahousse", 127, Origin.PROSECUTOR, "text", "answered"),
    ("Oriane", "Falguières", 118, Origin.JUDGE, "email", "opinion"),
    ("Milica", "Stojanovic", 103, Origin.POLICE, "call", "order"),
    ("Bérénice", "Lautrec", 97, Origin.ASSOCIATION, "text", "plain"),
    ("Zohra", "Hadj-Kaddour", 89, Origin.HERSELF, "call", "sheltered"),
    ("Perrine", "Coatmeur", 83, Origin.PROSECUTOR, "call", "handed"),
    ("Ilham", "Ziraoui", 77, Origin.POLICE, "text", "order"),
    ("Maïwenn", "Le Bihannic", 71, Origin.SPIP, "call", "plain"),
    ("Dolores", "Aguirrebeitia", 64, Origin.HERSELF, "never", "closed"),
    ("Clarisse", "Montagnier", 58, Origin.HOSPITAL, "through", "order"),
    ("Tatiana", "Vronskaïa", 52, Origin.POLICE, "text", "told"),
    ("Soukaina", "Mezouar", 46, Origin.PROSECUTOR, "call", "asked"),
    ("Edwige", "Quéméneur", 41, Origin.SOCIAL_SERVICE, "email", "plain"),
    ("Livia", "Sartorelli", 36, Origin.HERSELF, "text", "sheltered"),
    ("Noémie", "Burgonde", 29, Origin.POLICE, "call", "asked"),
    ("Wassila", "Ghezali", 23, Origin.PROSECUTOR, "text", "plain"),
    ("Philippine", "d’Estrac", 17, Origin.ASSOCIATION, "call", "order"),
    ("Rokhaya", "Sidibé-Lô", 11, Origin.POLICE, "call", "immediate"),
    ("Guillemette", "Arnoult", 6, Origin.HOSPITAL, "through", "plain"),
    ("Yuna", "Trégastel", 2, Origin.HERSELF, "text", "new"),
)
SMALL = 8  # of a small town, enough to meet most pages
STREETS = ("impasse du Figuier", "allée des Tamaris", "rue du Puits-Couvert", "montée des Oratoires", "quai aux Herbes")


@dataclass
class _Case:
    """One support being told."""

    story: Story
    who: str
    came_on: date
    row: VictimSupport

    def on(self, days: int, hour: int = 9) -> datetime:
        """Return an instant that many days after she came, never after this morning."""
        return self.story.at(min(self.came_on + timedelta(days=days), self.story.today), hour)

    def act(self, days: int, do: Callable[..., object], *, named: bool = True, **given: object) -> None:
        """Carry out one act of the officer; the row is read again before."""
        now = self.on(days)
        self.row.refresh_from_db()
        with self.story.moment(self.who, now) as viewer:
            if named:
                given["support"] = self.row
            do(by=viewer, now=now, **given)


def tell(story: Story, size: int) -> None:
    """Tell them, each through the same acts as on screen."""
    for number, spec in enumerate(WOMEN if size > 3 * SMALL else WOMEN[:SMALL]):
        _tell(story, number, *spec)


def _contact(channel: str, number: int) -> ContactData:
    phone = f"06 39 98 4{number // 10} {number % 10}7"
    if channel == "never":
        return ContactData(channels=(Channel.NEVER,))
    if channel == "through":
        return ContactData(channels=(Channel.THROUGH,), through="sa sœur, le soir", code_word="la bibliothèque")
    if channel == "email":
        return ContactData(channels=(Channel.EMAIL,), email=f"atelier.lecture{number}@courrier.example")
    if channel == "text":
        return ContactData(channels=(Channel.TEXT,), phone=phone, when="en semaine, de 9 h à 11 h")
    return ContactData(
        channels=(Channel.CALL, Channel.TEXT), phone=phone, when="le matin", code_word="le cours de couture"
    )


def _tell(story: Story, number: int, first: str, last: str, age: int, origin: Origin, channel: str, stage: str) -> None:
    came_on = story.today - timedelta(days=age)
    who = LEAD if number % 5 == 4 else OFFICER
    now = story.at(came_on, 11)
    data = SupportData(
        last_name=last, first_name=first, received_on=came_on, origin=origin, contact=_contact(channel, number),
        born_on=date(story.today.year - 24 - number, 1 + number % 12, 3 + number), children=number % 4,
        lawyer="Me Saint-Amans" if number % 3 == 0 else "",
    )  # fmt: skip
    with story.moment(who, now) as viewer:
        made = opening.open_support(by=viewer, data=data, now=now)
    case = _Case(story, who, came_on, VictimSupport.objects.get(pk=made.pk))
    if stage == "new":
        return
    case.act(1, follow.record_consent, kind=ConsentKind.SUPPORT, agreed=True, said_on=case.on(1).date())
    case.act(1, follow.record_consent, kind=ConsentKind.MAYOR, agreed=number % 2 == 0, said_on=case.on(1).date())
    case.act(
        1, whereabouts.add, kind=Place.SHELTER if stage == "sheltered" else Place.HOME, note="",
        address=f"{number + 3} {STREETS[number % 5]}, Valcros",
    )  # fmt: skip
    if number % 4:
        case.act(2, whereabouts.add, kind=Place.SCHOOL, address=f"École des Cèdres, {STREETS[number % 3]}", note="")
    _meetings(case, number)
    case.act(
        4,
        follow.orient,
        to=("CIDFF", "Solidarité Femmes", "Maison des femmes")[number % 3],
        reason="",
        sent_on=case.on(4).date(),
    )
    if number % 3 == 0:
        sent = case.row.orientations.get()
        case.act(
            9, follow.record_orientation, named=False, orientation_id=sent.pk, outcome=OrientationOutcome.MET,
            expected=sent.revision,
        )  # fmt: skip
    _protected(case, stage)
    _stage(case, stage)


def _meetings(case: _Case, number: int) -> None:
    """One meeting held, one to come or whose outcome is to be written."""
    day = case.on(3).date()
    case.act(2, follow.plan, kind=Meeting.OFFICE, day=day, at=time(10 + number % 5))
    held = case.row.appointments.get()
    case.act(
        3, follow.record_appointment, named=False, appointment_id=held.pk, outcome=Outcome.HELD, expected=held.revision,
        note="Droits expliqués, démarches listées.",
    )  # fmt: skip
    ahead = case.story.today + timedelta(days=number % 9 - 1)
    if ahead >= case.came_on:
        case.act(5, follow.plan, kind=(Meeting.OFFICE, Meeting.PHONE)[number % 2], day=ahead, at=time(9 + number % 7))


def _protected(case: _Case, stage: str) -> None:
    """Give the orders that the stage tells of."""
    if stage in ("order", "told", "answered", "sheltered", "opinion"):
        given = case.on(6).date()
        data = OrderData(
            given_on=given, ends_on=months_after(given, 8),
            terms=(Term.NO_CONTACT, Term.NO_PLACE, Term.HIDDEN, *((Term.ELECTED,) if stage == "sheltered" else ())),
            elected=Elected.LAWYER if stage == "sheltered" else "",
        )  # fmt: skip
        case.act(7, orders.record, kind=OrderKind.ORDER, data=data)
    elif stage == "ending":  # its end is near: DL-17
        given = case.on(6).date()
        data = OrderData(given_on=given, ends_on=case.story.today + timedelta(days=13), terms=(Term.NO_CONTACT,))
        case.act(7, orders.record, kind=OrderKind.ORDER, data=data)
    elif stage == "asked":
        hearing = case.story.today + timedelta(days=4)
        case.act(999, orders.ask, kind=OrderKind.ORDER, asked_at=case.on(999, 8), hearing_on=hearing)
    elif stage == "immediate":
        case.act(999, orders.ask, kind=OrderKind.IMMEDIATE, asked_at=case.on(999, 8), hearing_on=None)


def _stage(case: _Case, stage: str) -> None:
    if stage in ("told", "answered"):
        day = case.on(40).date()
        call = CallData(
            happened_on=day, kind=Contact.MESSAGE, called_at=case.on(40, 8), magistrate="Permanence du parquet",
            instruction="Recueillir les messages, transmettre la note le jour même.",
            facts="Sept messages reçus dans la nuit par un compte inconnu. Captures remises au bureau.",
            answer_by=day + timedelta(days=3),
        )  # fmt: skip
        case.act(40, notices.tell, data=call)
        row = case.row.notices.get()
        case.act(40, notices.note_left, named=False, notice_id=row.pk, noted_on=day, expected=row.revision)
    if stage == "answered":
        row = case.row.notices.get()
        case.act(
            43, notices.answered, named=False, notice_id=row.pk, answer=Answer.INQUIRY, answered_on=case.on(43).date(),
            expected=row.revision,
        )  # fmt: skip
    if stage == "opinion":
        case.act(
            30, follow.record_opinion, asked_by=Asker.LIBERTY_JUDGE, asked_on=case.on(28).date(), opinion=Opinion.FOR,
            words="Elle demande que l’éloignement soit maintenu.", told_on=case.on(30).date(),
        )  # fmt: skip
    if stage == "sheltered":
        case.act(8, whereabouts.keep, on=True)
        case.act(8, whereabouts.pass_note, to="l’éducatrice référente de l’aîné", passed_on=case.on(8).date())
    ended = {"closed": End.HER_WISH, "handed": End.HANDED_ON}.get(stage)
    if ended:
        case.row.refresh_from_db()
        case.act(50, follow.end, reason=ended, closed_on=case.on(50).date(), expected=case.row.revision)
