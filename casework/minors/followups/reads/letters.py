"""« Courriers d’information »: whom a letter can be printed for, and what each letter says (SIT-07, SIT-09, DL-02).

A letter goes to one recipient and speaks to that one alone: it never holds another recipient's name or address,
nor the school, nor a reason. The template keeps everything but name and address out of the envelope's window.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import decide
from casework.access.protection import actions as protection
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import documents, papers
from casework.casefile.deadlines import state_on
from casework.casefile.retention import age_on
from casework.errors import AccessRefused
from casework.minors.followups import facts
from casework.minors.followups.codes import NoticeStatus, Relation, Stage, WithholdMotive
from casework.minors.followups.models import FollowUp, Notice
from casework.partners.codes import Role
from casework.partners.models import Mandate, Territory, WatchGroup, running
from casework.sealing import sweep

ADULT_AGE = 18
STAGES = (Stage.REFERRED, Stage.INFORMED, Stage.FOLLOWED, Stage.SUSPENDED)
WARN = timedelta(days=7)  # DL-02
MOST = 600  # recipients on one page, and letters in one batch
CLASSES = (DataClass.YOUTH_IDENTITY, DataClass.YOUTH_REPRESENTATIVES, DataClass.YOUTH_CARD)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One letter that may be printed, or why it is not. `shared`: the youth's address may be used, if ticked."""

    id: UUID
    revision: int
    who: str
    tie: str
    is_youth: bool
    address: tuple[str, ...]
    obstacle: str
    caution: str
    shared: bool
    printed_at: datetime | None

    @property
    def ticked(self) -> bool:
        """Whether the page proposes it: never printed, nothing to weigh first."""
        return not self.obstacle and not self.caution and self.printed_at is None


@dataclass(frozen=True, kw_only=True)
class Group:
    """The recipients of one situation, with the last good day (DL-02)."""

    follow_up_id: UUID
    reference: str
    short: str
    name: str
    due_on: date
    state: str
    is_takeover: bool
    parent_missing: bool
    recipients: tuple[Recipient, ...]


def check_right(viewer: Viewer, now: datetime, action: Ask = Ask.PRINT) -> None:
    """Raise AccessRefused to anybody but the coordinator."""
    known = facts.creation_facts(viewer, DataClass.YOUTH_REPRESENTATIVES, now)
    if not facts.coordinates(viewer) or not decide(viewer, action, known, now).allow:
        raise AccessRefused(code="letters")


def waiting(viewer: Viewer, now: datetime, only: Collection[UUID] | None = None) -> list[Notice]:
    """Return the notices still to do under a DL-02 clock, nearest first, in the order of the letters.

    `only`: among these; without it, one page.
    """
    visible = facts.visible_to(viewer, now).filter(
        state__in=STAGES, sorted_at__isnull=False, information_due_on__isnull=False
    )
    rows = Notice.objects.filter(follow_up__in=visible, status=NoticeStatus.TO_DO)
    rows = rows.select_related("follow_up__person", "representative").order_by(
        "follow_up__information_due_on", "follow_up__reference", "representative__position", "pk"
    )
    found = list(rows[:MOST] if only is None else rows.filter(pk__in=only))
    late = facts.past_purge({row.follow_up_id: row.follow_up for row in found}.values(), now)
    return [row for row in found if row.follow_up_id not in late]


def groups(viewer: Viewer, now: datetime) -> tuple[Group, ...]:
    """Return whom to inform by letter, situation by situation, opened as one list. Raises AccessRefused."""
    check_right(viewer, now, Ask.LIST)
    rows = waiting(viewer, now)
    if not rows:
        return ()
    with gate(viewer, rows, Act.LIST):
        opened = recipients(viewer, rows, now)
        ids = {row.follow_up_id for row in rows}
        with_parent = set(
            Notice.objects.filter(follow_up_id__in=ids, representative__isnull=False).values_list(
                "follow_up_id", flat=True
            )
        )
        result = []
        by_situation: dict[UUID, list[Notice]] = {}
        for row in rows:
            by_situation.setdefault(row.follow_up_id, []).append(row)
        for notices in by_situation.values():
            follow_up = notices[0].follow_up
            shown = tuple(opened[row.pk] for row in notices if row.pk in opened)
            if shown:
                missing = follow_up.pk not in with_parent
                result.append(_group(follow_up, shown, localdate(now), missing))
    return tuple(result)


def gate(viewer: Viewer, rows: Collection[Notice], act: Act) -> AbstractContextManager[None]:
    """Return the read gate over what letters need of these notices."""
    return audit.reading(
        viewer, subjects={row.subject_id for row in rows}, classes=list(CLASSES), purpose=Purpose.DOCUMENT, act=act,
        object_type="notice", object_ids=[row.pk for row in rows],
    )  # fmt: skip


def _group(follow_up: FollowUp, shown: tuple[Recipient, ...], today: date, missing: bool) -> Group:
    card = follow_up.person.card or {}
    due = follow_up.information_due_on or today
    born = follow_up.person.birth_date
    minor = born is None or age_on(born, today) < ADULT_AGE
    return Group(
        follow_up_id=follow_up.pk, reference=follow_up.reference, short=str(card.get("initials", "")),
        name=f"{follow_up.person.first_name} {follow_up.person.last_name}".strip(), due_on=due,
        state=state_on(today, due=due, warn=due - WARN), is_takeover=follow_up.is_takeover,
        parent_missing=missing and minor, recipients=shown,
    )  # fmt: skip


def recipients(viewer: Viewer, rows: Collection[Notice], now: datetime) -> dict[UUID, Recipient]:
    """Return what is known of each recipient; parents of an adult are left out (SIT-09). The gate is open."""
    today = localdate(now)
    people = {row.follow_up_id: row.follow_up.person for row in rows}
    secret = protection.hidden(viewer, [row.subject_id for row in rows])
    sweep.open_many(list(people.values()), "last_name", "first_name", "birth_date", "address", "card")
    sweep.open_many(
        [row.representative for row in rows if row.representative is not None],
        "last_name", "first_name", "relation", "holds_authority", "address",
    )  # fmt: skip
    kept_back: dict[UUID, set[str]] = {}
    for key, motive in Notice.objects.filter(
        follow_up_id__in=list(people), status=NoticeStatus.WITHHELD
    ).values_list("follow_up_id", "motive"):  # fmt: skip
        kept_back.setdefault(key, set()).add(motive)
    found: dict[UUID, Recipient] = {}
    for row in rows:
        born = people[row.follow_up_id].birth_date
        adult = born is not None and age_on(born, today) >= ADULT_AGE
        if row.representative is not None and (adult or row.representative.closed_at is not None):
            continue
        found[row.pk] = _recipient(
            row, adult=adult, motives=kept_back.get(row.follow_up_id, set()),
            secret=row.subject_id in secret,
        )  # fmt: skip
    return found


def _recipient(row: Notice, *, adult: bool, motives: set[str], secret: bool) -> Recipient:
    person, parent = row.follow_up.person, row.representative
    obstacle = caution = ""
    if parent is None:
        who, tie, address = f"{person.first_name} {person.last_name}", "le jeune, avec des mots simples", person.address
        tie = "majeur, informé seul" if adult else tie
        if motives and not adult:
            caution = "Un parent n’est pas informé : remettez plutôt ce courrier en main propre."
    else:
        who, address = f"{parent.first_name} {parent.last_name}", parent.address
        tie = str(dict(Relation.choices).get(parent.relation or "", "représentant légal"))
        if not parent.holds_authority:
            obstacle = "n’exerce pas l’autorité parentale"
    if not who.strip():
        obstacle = "nom à compléter"
    if secret:
        address, caution = "", "Adresse à ne pas communiquer : remettez ce courrier en main propre."
    return Recipient(
        id=row.pk, revision=row.revision, who=who.strip(), tie=tie, is_youth=parent is None,
        address=lines(address or ""), obstacle=obstacle, caution=caution,
        # The youth may live with the other parent: the coordinator says so, the machine never supposes it.
        shared=not secret and parent is not None and not (address or "").strip() and bool((person.address or "").strip())
        and WithholdMotive.PROTECTED_ADDRESS not in motives and WithholdMotive.DANGER_TO_MINOR not in motives,
        printed_at=row.letter_printed_at,
    )  # fmt: skip


def lines(address: str) -> tuple[str, ...]:
    """Return an address as at most four lines for the envelope."""
    parts = [part.strip() for part in address.replace("\r", "").replace("\n", ",").split(",") if part.strip()]
    return (*parts[:3], ", ".join(parts[3:])) if len(parts) > 4 else tuple(parts)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes, and whom to turn to: the cellule, its coordinator, the DPO."""

    commune: str
    lines: tuple[str, ...]
    contact: str
    dpo: str
    signatory: tuple[str, ...]


def sender(viewer: Viewer, now: datetime) -> Sender:
    """Return the sender of the letters: public names and work addresses only."""
    territory = Territory.objects.get(pk=viewer.territory_id)
    group = WatchGroup.objects.get(pk=facts.group_to_refer(viewer))
    mandate = Mandate.objects.select_related("agent", "organisation").get(pk=viewer.mandate_id)
    agent = mandate.agent
    contact = " ou ".join(part for part in (agent.phone, agent.email) if part)
    holders = Mandate.objects.filter(running(now), territory_id=viewer.territory_id, role=Role.DPO)
    dpo = holders.select_related("agent", "organisation").order_by("starts_at").first()
    return Sender(
        commune=territory.name, lines=(group.name, f"Coordination : {agent.full_name}", contact), contact=contact,
        dpo="délégué à la protection des données de " + (
            f"{dpo.organisation.name} ({dpo.agent.email})" if dpo is not None else f"la commune de {territory.name}"
        ),
        signatory=(agent.full_name, "Coordination de la cellule"),
    )  # fmt: skip


NOTES = [
    "Bases légales : mission d’intérêt public de prévention de la délinquance (articles L132-5 et suivants du code de la "
    "sécurité intérieure) ; articles 12 à 22 du règlement européen sur la protection des données. Réclamation possible "
    "auprès de la CNIL, 3 place de Fontenoy, TSA 80715, 75334 Paris cedex 07, cnil.fr.",
]


def letter(notice: Notice, recipient: Recipient, address: tuple[str, ...], said: Sender, today: date) -> papers.Letter:
    """Return the letter of one recipient (GDP-10, GDP-20): youth in plain words, parent, or adult alone."""
    born = notice.follow_up.person.birth_date
    adult = born is not None and age_on(born, today) >= ADULT_AGE
    first_name = notice.follow_up.person.first_name or ""
    if recipient.is_youth and not adult:
        salutation, paragraphs, closing = f"Bonjour {first_name},", _plain(said), "À bientôt."
    elif recipient.is_youth:
        salutation, closing = "Madame, Monsieur,", CLOSING
        paragraphs = _formal(
            said, "votre situation", "Vous êtes majeur : vous êtes la seule personne à qui ce courrier est adressé."
        )
    else:
        salutation, closing = "Madame, Monsieur,", CLOSING
        paragraphs = _formal(
            said, f"la situation de {first_name}", "Vous recevez ce courrier parce que vous exercez l’autorité parentale. "
            f"{first_name} en reçoit un autre, écrit avec des mots simples.",
        )  # fmt: skip
    return {
        "addressee": [recipient.who, *address], "place": said.commune, "reference": notice.follow_up.reference,
        "subject": "ce que la cellule de veille écrit, et vos droits" if not recipient.is_youth or adult
        else "ce qu’on écrit sur toi, et tes droits",
        "salutation": salutation, "paragraphs": paragraphs, "closing": closing, "signatory": list(said.signatory),
        "notes": NOTES,
    }  # fmt: skip


CLOSING = "Je vous prie d’agréer, Madame, Monsieur, l’expression de ma considération distinguée."


def _formal(said: Sender, about: str, why_you: str) -> list[str]:
    return [
        f"La cellule de veille réunit des services publics et des associations de {said.commune} : mairie, services "
        "éducatifs et sociaux, protection judiciaire de la jeunesse, prévention spécialisée. Ils cherchent ensemble "
        f"comment aider des jeunes avant que des difficultés ne s’aggravent. Ils suivent {about}. Ce n’est ni une "
        "sanction, ni une procédure de justice. " + why_you,
        "Ce qui est écrit : l’identité, les coordonnées, la scolarité ou l’activité, un motif choisi dans une liste, les "
        "aides proposées et leurs suites. S’il y a lieu, lus des seuls services "
        "concernés : un aménagement ou un soin, une mesure décidée par un juge. Aucun récit, aucune opinion, rien sur la "
        "religion ou l’origine. Ces informations viennent d’un service membre de la cellule ou d’un service public ; la coordination "
        "vous dira lequel si vous le demandez.",
        "Seuls les services qui interviennent les lisent, et chaque consultation est enregistrée. Elles sont conservées "
        "pendant le suivi, puis trois ans sans être utilisées, et jamais après les 25 ans.",
        "Vous pouvez demander à lire ces informations, à les faire corriger ou effacer, à en limiter l’usage, ou vous "
        f"opposer à ce suivi. Écrivez à la coordination ({said.contact}) ou au {said.dpo}. Une réponse vous est donnée "
        "dans le mois. Vous pouvez aussi venir en parler.",
    ]  # fmt: skip


def _plain(said: Sender) -> list[str]:
    return [
        f"À {said.commune}, des adultes de plusieurs services se réunissent pour aider des jeunes : la mairie, des "
        "éducateurs, des assistantes sociales. Ce groupe s’appelle la cellule de veille. Il parle de ta situation pour "
        "trouver comment t’aider. Ce n’est pas une punition. Ce n’est pas un tribunal.",
        "Ce qu’on écrit : ton nom, ton âge, comment te joindre, ce que tu fais (école, formation, travail), pourquoi on "
        "s’est inquiété (un mot choisi dans une liste), ce qu’on te propose et ce que cela donne. On n’écrit pas "
        "d’histoire sur toi. On n’écrit pas si quelqu’un te trouve gentil ou pénible. On n’écrit rien sur ta religion. Si tu as besoin d’un aménagement ou de "
        "soins, ou si un juge a décidé une mesure, seuls les services concernés le lisent.",
        "Qui le lit : seulement les services qui t’aident. Chaque fois que quelqu’un ouvre ta fiche, c’est noté. On la "
        "garde pendant qu’on t’aide, puis trois ans sans s’en servir. À tes 25 ans au plus tard, tout est effacé.",
        "Tes droits : tu peux demander à lire ce qui est écrit. Tu peux dire que c’est faux et demander qu’on corrige. Tu "
        "peux demander qu’on efface, ou dire que tu n’es pas d’accord. Tu peux le faire toi-même, ou avec quelqu’un en "
        "qui tu as confiance. C’est gratuit.",
        f"À qui le dire : à la coordination ({said.contact}), ou au {said.dpo}. Tu peux aussi venir nous voir : on "
        "t’expliquera.",
    ]  # fmt: skip


def pdf(letters: list[papers.Letter], said: Sender, today: date) -> bytes:
    """Return the batch: one page a letter, in the order given."""
    data: papers.LetterData = {"commune": said.commune, "sender": [line for line in said.lines if line],
                                  "letters": letters}  # fmt: skip
    return documents.render(documents.Template.LETTER, data, on=today, title="Courriers d’information")


def count(viewer: Viewer, now: datetime) -> tuple[int, date | None]:
    """Return for how many situations a letter was never printed, and the nearest due day; nothing is opened."""
    visible = facts.visible_to(viewer, now).filter(
        state__in=STAGES, sorted_at__isnull=False, information_due_on__isnull=False
    )
    rows = Notice.objects.filter(follow_up__in=visible, status=NoticeStatus.TO_DO, letter_printed_at=None)
    rows = rows.filter(representative__closed_at=None)
    found = list(rows.values_list("follow_up", "follow_up__purge_check_on", "follow_up__information_due_on").distinct())
    late = facts.over(((pk, check_on) for pk, check_on, _ in found), now)
    left = [due for pk, _, due in found if pk not in late and due is not None]
    return len(left), min(left, default=None)
