"""Which state may follow which: prospecting, accreditation (HOST-02 to HOST-05), listing (HOST-06 to HOST-08)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.timezone import localdate

from casework.casefile import format as fr
from casework.casefile.lifecycle import SYSTEM, Context, Lifecycle, Move, register
from casework.casefile.retention import months_after
from casework.errors import GuardRefused, InputRefused
from casework.partners.codes import Role
from casework.placements.hosts.codes import (
    LISTS_FOR,
    SUSPENDS_AS,
    AccreditationState,
    AccreditedFor,
    Audience,
    HostStage,
    LegalKind,
    PostState,
)
from casework.placements.hosts.models import Accreditation, HostStructure, Post

AUTHORITIES = frozenset({Role.SPIP.value, Role.PJJ.value})
PROSPECTORS = AUTHORITIES | {Role.COORDINATOR.value}
DESCRIBERS = PROSPECTORS | {Role.HOST.value}
SUSPENDERS = AUTHORITIES | {Role.HOST.value}

LISTING_WAIT = timedelta(days=10)  # HOST-06
ACCREDITATION_YEARS = 5  # HOST-04


def end_of_accreditation(decided_on: date) -> date:
    """Return the last day of an accreditation: five years, less a day (HOST-04)."""
    return months_after(decided_on, 12 * ACCREDITATION_YEARS) - timedelta(days=1)


# Prospecting


def agreement_is_dated(host: HostStructure, context: Context) -> None:
    """An agreement has the day it starts."""
    if host.agreement_from is None:
        raise InputRefused("Indiquez la date de début de la convention.", field="agreement_from")


def refusal_is_coded(host: HostStructure, context: Context) -> None:
    """Why an organisation says no is one item of a list."""
    if not host.decline_reason:
        raise InputRefused("Choisissez le motif dans la liste.", field="decline_reason")


def no_post_left(host: HostStructure, context: Context) -> None:
    """A host whose agreement ends has no post on the list."""
    if host.posts.filter(state__in=(PostState.LISTED, PostState.SUSPENDED)).exists():
        raise GuardRefused("Des postes de cette structure sont encore sur la liste : radiez-les d’abord.")


def _by(who: frozenset[str], name: str, label: str, rule: str, *guards: Any) -> Move:
    return Move(name=name, label=label, who=who, rule=rule, guards=guards)


_S = HostStage
HOST = register(
    Lifecycle(
        "stage",
        {
            (None, _S.TO_CONTACT): _by(PROSPECTORS, "prospect", "inscrire sur la liste", "HOST-01"),
            (None, _S.AGREED): _by(AUTHORITIES, "take_over", "reprendre une structure qui accueille déjà", "ATG-04"),
            (_S.TO_CONTACT, _S.CONTACTED): _by(PROSPECTORS, "contact", "noter le contact", "HOST-01"),
            (_S.TO_CONTACT, _S.INTERESTED): _by(PROSPECTORS, "interest", "noter son intérêt", "HOST-01"),
            (_S.CONTACTED, _S.INTERESTED): _by(PROSPECTORS, "interest", "noter son intérêt", "HOST-01"),
            **{
                (origin, _S.DECLINED): _by(PROSPECTORS, "decline", "noter le refus", "HOST-01", refusal_is_coded)
                for origin in (_S.TO_CONTACT, _S.CONTACTED, _S.INTERESTED)
            },
            (_S.DECLINED, _S.TO_CONTACT): _by(PROSPECTORS, "try_again", "recontacter", "HOST-01"),
            (_S.CONTACTED, _S.AGREED): _by(
                PROSPECTORS, "agree", "enregistrer la convention", "HOST-01", agreement_is_dated
            ),
            (_S.INTERESTED, _S.AGREED): _by(
                PROSPECTORS, "agree", "enregistrer la convention", "HOST-01", agreement_is_dated
            ),
            (_S.AGREED, _S.ENDED): _by(PROSPECTORS, "end", "mettre fin à la convention", "HOST-05", no_post_left),
            (_S.ENDED, _S.AGREED): _by(
                PROSPECTORS, "agree_again", "enregistrer une nouvelle convention", "HOST-01", agreement_is_dated
            ),
        },
        name="hosts.structure",
        title="Structure d’accueil",
        states=HostStage,
        final=(),
    )
)


# Accreditation


def is_the_authority(accreditation: Accreditation, context: Context) -> None:
    """The SPIP decides for adults, the PJJ for minors (HOST-03, TIGM-06)."""
    if context.by.role != SYSTEM and LISTS_FOR.get(context.by.role) != accreditation.audience:
        who = "la PJJ" if accreditation.audience == AccreditedFor.MINORS else "le SPIP"
        raise GuardRefused(f"L’habilitation pour ce public est décidée par {who}.")


def needs_one(accreditation: Accreditation, context: Context) -> None:
    """A public body needs none (HOST-02)."""
    if accreditation.host.legal_kind == LegalKind.PUBLIC:
        raise GuardRefused("Une personne morale de droit public n’a pas besoin d’habilitation.")


def opinions_waited_for(accreditation: Accreditation, context: Context) -> None:
    """Prosecutor and JAP answered, or one month has passed since they were asked (HOST-03)."""
    asked, received = accreditation.opinions_asked_on, accreditation.opinions_received_on
    today = localdate(context.now)
    if received is None and (asked is None or today < months_after(asked, 1)):
        until = fr.long_date(months_after(asked or today, 1))
        raise GuardRefused(f"Sans les avis du procureur et du JAP, la décision n’est possible qu’à partir du {until}.")


def decision_is_dated(accreditation: Accreditation, context: Context) -> None:
    """A decision has a date, not in the future, and ends five years later (HOST-04)."""
    decided = accreditation.decided_on
    if decided is None or decided > localdate(context.now):
        raise InputRefused("Indiquez la date de la décision, au plus tard aujourd’hui.", field="decided_on")
    if accreditation.expires_on != end_of_accreditation(decided):
        raise InputRefused("Une habilitation vaut cinq ans.", field="decided_on")


def host_was_heard(accreditation: Accreditation, context: Context) -> None:
    """A withdrawal comes after the opinions and the host's observations (HOST-05)."""
    if accreditation.observations_on is None:
        raise InputRefused("Indiquez quand la structure a présenté ses observations.", field="observations_on")


_A = AccreditationState
ACCREDITATION = register(
    Lifecycle(
        "state",
        {
            (None, _A.ASKED): _by(AUTHORITIES, "ask", "enregistrer la demande", "HOST-03", is_the_authority, needs_one),
            (None, _A.GRANTED): _by(
                AUTHORITIES, "record", "reprendre une décision déjà prise", "ATG-04", is_the_authority, needs_one,
                decision_is_dated,
            ),
            (_A.ASKED, _A.OPINIONS_ASKED): _by(
                AUTHORITIES, "ask_opinions", "demander les avis", "HOST-03", is_the_authority
            ),
            (_A.OPINIONS_ASKED, _A.GRANTED): _by(
                AUTHORITIES, "grant", "accorder", "HOST-03", is_the_authority, opinions_waited_for, decision_is_dated
            ),
            (_A.ASKED, _A.REFUSED): _by(AUTHORITIES, "refuse", "refuser", "HOST-03", is_the_authority),
            (_A.OPINIONS_ASKED, _A.REFUSED): _by(AUTHORITIES, "refuse", "refuser", "HOST-03", is_the_authority),
            (_A.GRANTED, _A.WITHDRAWN): _by(
                AUTHORITIES, "withdraw", "retirer", "HOST-05", is_the_authority, host_was_heard
            ),
        },
        name="hosts.accreditation",
        title="Habilitation d’une structure",
        states=AccreditationState,
        final={_A.REFUSED, _A.WITHDRAWN},
    )
)  # fmt: skip


# Posts


def post_is_described(post: Post, context: Context) -> None:
    """Nature and way of doing, managers, number of places (HOST-07)."""
    missing = []
    if not post.managers.exists():
        missing.append("un responsable")
    if not post.half_days.exists():
        missing.append("une demi-journée")
    if missing:
        raise GuardRefused(f"Avant de demander les avis, il manque au poste {' et '.join(missing)}.")


def host_receives(post: Post, context: Context) -> None:
    """The host has an agreement."""
    if post.host.stage != HostStage.AGREED:
        raise GuardRefused("La convention de cette structure n’est pas enregistrée.")


def concerns_the_authority(post: Post, context: Context) -> None:
    """The SPIP lists for adults, the PJJ for minors (HOST-06, TIGM-06)."""
    public = LISTS_FOR.get(context.by.role)
    if public is not None and post.audience not in (public.value, Audience.BOTH):
        raise GuardRefused("Ce poste n’est pas proposé au public que vous inscrivez.")


def opinions_on_listing(post: Post, context: Context) -> None:
    """Prosecutor and JAP answered, or ten days have passed since they were asked (HOST-06)."""
    _ten_days(post.opinions_asked_on, post.opinions_received_on, context, "l’inscription")


def opinions_on_striking(post: Post, context: Context) -> None:
    """The same procedure to leave the list (HOST-08)."""
    _ten_days(post.strike_opinions_asked_on, post.strike_opinions_received_on, context, "la radiation")


def _ten_days(asked: date | None, received: date | None, context: Context, what: str) -> None:
    if received is not None:
        return
    if asked is None:
        raise GuardRefused(f"Demandez d’abord les avis du procureur et du JAP sur {what}.")
    if localdate(context.now) < asked + LISTING_WAIT:
        day = fr.long_date(asked + LISTING_WAIT)
        raise GuardRefused(f"Sans les avis du procureur et du JAP, {what} n’est possible qu’à partir du {day}.")


def host_is_accredited(post: Post, context: Context) -> None:
    """A private host is accredited for the public it is listed for (HOST-02)."""
    public = LISTS_FOR.get(context.by.role)
    if public is not None and not is_accredited(post.host, public, localdate(context.now)):
        raise GuardRefused(f"Cette structure n’a pas d’habilitation en cours pour les {Audience(public.value).label}.")


def is_accredited(host: HostStructure, public: AccreditedFor | str, day: date) -> bool:
    """Say whether a host may receive this public on `day`: a public body, or an accreditation that runs."""
    if host.legal_kind == LegalKind.PUBLIC:
        return True
    found = host.accreditations.filter(audience=public, state=AccreditationState.GRANTED)
    return found.filter(decided_on__lte=day, expires_on__gte=day).exists()


def not_listed_yet(post: Post, context: Context) -> None:
    """A post enters the list of one public once."""
    public = LISTS_FOR.get(context.by.role)
    if public is not None:
        column = "listed_minors_on" if public == AccreditedFor.MINORS else "listed_adults_on"
        if Post._base_manager.filter(pk=post.pk, **{f"{column}__isnull": False}).exists():
            raise GuardRefused("Ce poste est déjà inscrit pour ce public.")


def suspension_is_coded(post: Post, context: Context) -> None:
    """Who suspends is who acts; why is one item of a list (HOST-08)."""
    if SUSPENDS_AS.get(context.by.role) != post.suspended_by:
        raise GuardRefused("Une suspension est prononcée en son propre nom.")
    if not post.suspend_reason:
        raise InputRefused("Choisissez le motif dans la liste.", field="suspend_reason")


def lifted_by_its_author(post: Post, context: Context) -> None:
    """Whoever suspended a post puts it back (HOST-08)."""
    author = Post._base_manager.values_list("suspended_by", flat=True).get(pk=post.pk)
    if SUSPENDS_AS.get(context.by.role) != author:
        raise GuardRefused("Seul le service qui a suspendu ce poste peut le rouvrir.")


def strike_is_coded(post: Post, context: Context) -> None:
    """Why a post leaves is one item of a list."""
    if not post.strike_reason:
        raise InputRefused("Choisissez le motif dans la liste.", field="strike_reason")


def is_of_the_official_list(post: Post, context: Context) -> None:
    """A post taken over bears its number on the official list (ATG-04)."""
    if not post.tig360_number:
        raise InputRefused("Indiquez le numéro TIG 360°.", field="tig360_number")


_P = PostState
_LISTING = (concerns_the_authority, host_receives, opinions_on_listing, host_is_accredited)
POST = register(
    Lifecycle(
        "state",
        {
            (None, _P.DRAFT): _by(DESCRIBERS, "describe", "décrire un poste", "HOST-07"),
            (None, _P.LISTED): _by(
                AUTHORITIES, "take_over", "reprendre un poste de TIG 360°", "ATG-04", concerns_the_authority,
                is_of_the_official_list,
            ),
            (_P.DRAFT, _P.OPINIONS_ASKED): _by(
                AUTHORITIES, "ask_opinions", "demander les avis", "HOST-06", concerns_the_authority, host_receives,
                post_is_described,
            ),
            (_P.OPINIONS_ASKED, _P.LISTED): _by(AUTHORITIES, "list", "inscrire sur la liste", "HOST-06", *_LISTING),
            (_P.LISTED, _P.LISTED): _by(
                AUTHORITIES, "list_too", "inscrire aussi pour l’autre public", "TIGM-06", not_listed_yet, *_LISTING
            ),
            (_P.LISTED, _P.SUSPENDED): _by(SUSPENDERS, "suspend", "suspendre", "HOST-08", suspension_is_coded),
            (_P.SUSPENDED, _P.LISTED): _by(SUSPENDERS, "resume", "rouvrir", "HOST-08", lifted_by_its_author),
            (_P.LISTED, _P.STRUCK_OFF): _by(
                AUTHORITIES, "strike_off", "radier", "HOST-08", strike_is_coded, opinions_on_striking
            ),
            (_P.SUSPENDED, _P.STRUCK_OFF): _by(
                AUTHORITIES, "strike_off", "radier", "HOST-08", strike_is_coded, opinions_on_striking
            ),
            (_P.DRAFT, _P.STRUCK_OFF): _by(AUTHORITIES, "drop", "abandonner", "HOST-07", strike_is_coded),
            (_P.OPINIONS_ASKED, _P.STRUCK_OFF): _by(AUTHORITIES, "drop", "abandonner", "HOST-06", strike_is_coded),
        },
        name="hosts.post",
        title="Poste de TIG",
        states=PostState,
        final={_P.STRUCK_OFF},
    )
)  # fmt: skip
