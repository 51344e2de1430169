"""The lifecycle of a followed situation (domain.md §10.1). Its `apply` is the only writer of `state`."""

from __future__ import annotations

from datetime import date

from django.utils.timezone import localdate

from casework.casefile import lifecycle
from casework.casefile.codes import ListCode
from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.casefile.retention import age_on
from casework.errors import GuardRefused
from casework.minors.followups.codes import NoticeStatus, Stage
from casework.minors.followups.models import FollowUp
from casework.partners import reads as partners
from casework.partners.codes import Role

_COORDINATOR = frozenset({Role.COORDINATOR})
_SYSTEM = frozenset({lifecycle.SYSTEM})
MAX_AGE = 25


def rules_in_force(follow_up: FollowUp, context: Context) -> None:
    """Refuse without group rules in force on the day (CLV-06)."""
    day = localdate(context.now)
    if context.once(("rules", follow_up.group_id, day), lambda: partners.group_rules(follow_up.group, day)) is None:
        raise GuardRefused("Aucun règlement intérieur n’est en vigueur : aucun échange nominatif n’est possible.")


def lead_is_named(follow_up: FollowUp, context: Context) -> None:
    """Refuse without a référent de parcours (WL-14)."""
    if not context.changes.get("lead_organisation", follow_up.lead_organisation):
        raise GuardRefused("Désignez un référent de parcours avant l’entrée en suivi.")


def programme_is_set(follow_up: FollowUp, context: Context) -> None:
    """Refuse without a programme of the territory's own list (WL-13)."""
    programme = context.changes.get("programme", follow_up.programme)
    listed = (programme.list_code, programme.territory_id) if programme else None
    if listed != (ListCode.PROGRAMME, follow_up.territory_id):
        raise GuardRefused("Choisissez le programme concerné avant l’entrée en suivi.")


def was_sorted(follow_up: FollowUp, context: Context) -> None:
    """Refuse a referral that the coordinator has not sorted as « à étudier »."""
    if follow_up.sorted_at is None:
        raise GuardRefused("La saisine n’est pas encore triée.")


def notice_was_given(follow_up: FollowUp, context: Context) -> None:
    """Refuse « informée » without one recipient informed, dated (SIT-07)."""
    if not follow_up.notices.filter(status=NoticeStatus.INFORMED, confirmed_at__isnull=False).exists():
        raise GuardRefused("Aucune information confirmée n’est enregistrée.")


def information_is_put_off_with_motive(follow_up: FollowUp, context: Context) -> None:
    """Refuse to follow without information unless a coded motive is recorded (SIT-07); DL-02 keeps running."""
    if not context.changes.get("information_put_off", follow_up.information_put_off):
        raise GuardRefused("La famille n’est pas informée : informez-la, ou indiquez un motif de report.")


def born_on(follow_up: FollowUp) -> date | None:
    """Return the birth date that the anonymous card holds for the age band; the caller holds its gate.

    The full identity stays closed: a meeting moves files without anybody's name being opened.
    """
    born = (follow_up.person.card or {}).get("birth")
    return date.fromisoformat(born) if born else None


def person_is_under_limit(follow_up: FollowUp, context: Context) -> None:
    """Refuse over 25 (RET-03). The caller holds the read gate that opens the birth date."""
    born = born_on(follow_up)
    if born is not None and age_on(born, localdate(context.now)) >= MAX_AGE:
        raise GuardRefused("Cette personne a 25 ans ou plus : le suivi n’est plus possible.")


def purge_is_ahead(follow_up: FollowUp, context: Context) -> None:
    """Refuse to reopen once the purge date is reached (RET-02, RET-03)."""
    if follow_up.purge_on is None or follow_up.purge_on <= localdate(context.now):
        raise GuardRefused("La durée de conservation est atteinte : la fiche ne peut pas être rouverte.")


def new_referral_exists(follow_up: FollowUp, context: Context) -> None:
    """Refuse to reopen without a referral received after the end."""
    ended_on = follow_up.ended_on
    if ended_on is None or not follow_up.referrals.filter(received_at__date__gte=ended_on).exists():
        raise GuardRefused("Une nouvelle saisine est nécessaire pour rouvrir une fiche archivée.")


_ENTRY = (rules_in_force, person_is_under_limit, was_sorted, lead_is_named, programme_is_set)

LIFECYCLE = lifecycle.register(
    Lifecycle(
        "state",
        {
            (None, Stage.REFERRED): Move(
                name="refer",
                label="recevoir la saisine",
                guards=(rules_in_force,),
                who=frozenset(Role) | _SYSTEM,  # a single-use link has no role of its own
                rule="SIT-01",
            ),
            (None, Stage.FOLLOWED): Move(
                name="take_over",
                label="reprendre de l’ancien tableau",
                guards=(rules_in_force,),
                who=_COORDINATOR,
                rule="RET-01",
            ),
            (None, Stage.ARCHIVED): Move(
                name="take_over_closed", label="reprendre une fiche close", who=_COORDINATOR, rule="RET-02"
            ),
            (Stage.REFERRED, Stage.MORE_ASKED): Move(
                name="ask_more", label="demander un complément", who=_COORDINATOR, rule="SIT-01"
            ),
            (Stage.MORE_ASKED, Stage.REFERRED): Move(
                name="complete", label="compléter la saisine", who=frozenset(Role), rule="SIT-01"
            ),
            (Stage.REFERRED, Stage.REDIRECTED): Move(
                name="redirect", label="réorienter", who=_COORDINATOR, rule="10.1"
            ),
            (Stage.MORE_ASKED, Stage.REDIRECTED): Move(
                name="redirect", label="réorienter", who=_COORDINATOR, rule="10.1"
            ),
            (Stage.REFERRED, Stage.REJECTED): Move(
                name="reject", label="classer hors champ", who=_COORDINATOR, rule="10.1"
            ),
            (Stage.MORE_ASKED, Stage.REJECTED): Move(
                name="reject", label="classer hors champ", who=_COORDINATOR, rule="10.1"
            ),
            (Stage.INFORMED, Stage.REJECTED): Move(name="reject", label="ne pas suivre", who=_COORDINATOR, rule="10.1"),
            (Stage.REFERRED, Stage.INFORMED): Move(
                name="inform",
                label="constater l’information",
                guards=(was_sorted, notice_was_given),
                who=_COORDINATOR,
                rule="SIT-07",
            ),
            (Stage.INFORMED, Stage.FOLLOWED): Move(
                name="follow", label="entrer en suivi", guards=_ENTRY, who=_COORDINATOR, rule="WL-08"
            ),
            (Stage.REFERRED, Stage.FOLLOWED): Move(
                name="follow_uninformed",
                label="entrer en suivi, information reportée",
                guards=(*_ENTRY, information_is_put_off_with_motive),
                who=_COORDINATOR,
                rule="SIT-07",
            ),
            (Stage.FOLLOWED, Stage.FOLLOWED): Move(
                name="review", label="revoir", guards=(rules_in_force,), who=_COORDINATOR, rule="CLV-23"
            ),
            (Stage.FOLLOWED, Stage.SUSPENDED): Move(name="suspend", label="suspendre", who=_COORDINATOR, rule="GDP-12"),
            (Stage.SUSPENDED, Stage.FOLLOWED): Move(
                name="resume",
                label="reprendre",
                guards=(rules_in_force, person_is_under_limit),
                who=_COORDINATOR,
                rule="GDP-12",
            ),
            (Stage.SUSPENDED, Stage.ENDED): Move(name="end", label="terminer", who=_COORDINATOR, rule="WL-17"),
            (Stage.FOLLOWED, Stage.ENDED): Move(name="end", label="terminer", who=_COORDINATOR, rule="WL-17"),
            (Stage.ENDED, Stage.ARCHIVED): Move(name="archive", label="archiver", who=_COORDINATOR, rule="RET-02"),
            (Stage.ARCHIVED, Stage.FOLLOWED): Move(
                name="reopen",
                label="rouvrir",
                guards=(rules_in_force, person_is_under_limit, purge_is_ahead, new_referral_exists),
                who=_COORDINATOR,
                rule="RET-02",
            ),
            **{
                (stage, Stage.MERGED): Move(
                    name="merge", label="réunir à une autre fiche", who=_COORDINATOR | {Role.DPO}, rule="T-20"
                )
                for stage in (
                    Stage.REFERRED,
                    Stage.MORE_ASKED,
                    Stage.INFORMED,
                    Stage.FOLLOWED,
                    Stage.SUSPENDED,
                )
            },
            **{
                (stage, Stage.EXPIRED): Move(name="expire", label="durée atteinte", who=_SYSTEM, rule="RET-03")
                for stage in Stage
                if stage not in (Stage.EXPIRED, Stage.DESTROYED)
            },
            (Stage.EXPIRED, Stage.DESTROYED): Move(name="destroy", label="détruire", who=_SYSTEM, rule="ARC-03"),
        },
        name="followups.follow_up",
        title="Situation d’un jeune",
        states=Stage,
        final=frozenset({Stage.DESTROYED}),
    )
)
