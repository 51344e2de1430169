"""The lifecycle of a followed situation (domain.md §10.1). Its `apply` is the only writer of `state`."""

from __future__ import annotations

from casework.casefile.lifecycle import Context, Lifecycle, Move
from casework.casefile.retention import age_on
from casework.errors import GuardRefused
from casework.minors.followups.codes import NoticeStatus, Stage
from casework.minors.followups.models import FollowUp
from casework.partners import reads as partners
from casework.partners.codes import Role

_COORDINATOR = frozenset({Role.COORDINATOR})
_SYSTEM = frozenset({"system"})
MAX_AGE = 25


def rules_in_force(follow_up: FollowUp, context: Context) -> None:
    """Refuse without group rules in force on the day (CLV-06)."""
    if partners.group_rules(follow_up.group, context.today) is None:
        raise GuardRefused("Aucun règlement intérieur n’est en vigueur : aucun échange nominatif n’est possible.")


def lead_is_named(follow_up: FollowUp, context: Context) -> None:
    """Refuse without a référent de parcours (WL-14)."""
    if not context.changes.get("lead_organisation", follow_up.lead_organisation):
        raise GuardRefused("Désignez un référent de parcours avant l’entrée en suivi.")


def programme_is_set(follow_up: FollowUp, context: Context) -> None:
    """Refuse without a programme (WL-13)."""
    if not context.changes.get("programme", follow_up.programme):
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


def person_is_under_limit(follow_up: FollowUp, context: Context) -> None:
    """Refuse over 25 (RET-03). The caller holds the read gate that opens the birth date."""
    born_on = follow_up.person.birth_date
    if born_on is not None and age_on(born_on, context.today) >= MAX_AGE:
        raise GuardRefused("Cette personne a 25 ans ou plus : le suivi n’est plus possible.")


def purge_is_ahead(follow_up: FollowUp, context: Context) -> None:
    """Refuse to reopen once the purge date is reached (RET-02, RET-03)."""
    if follow_up.purge_on is None or follow_up.purge_on <= context.today:
        raise GuardRefused("La durée de conservation est atteinte : la fiche ne peut pas être rouverte.")


def new_referral_exists(follow_up: FollowUp, context: Context) -> None:
    """Refuse to reopen without a referral received after the end."""
    ended_on = follow_up.ended_on
    if ended_on is None or not follow_up.referrals.filter(received_at__date__gte=ended_on).exists():
        raise GuardRefused("Une nouvelle saisine est nécessaire pour rouvrir une fiche archivée.")


_ENTRY = (rules_in_force, person_is_under_limit, was_sorted, lead_is_named, programme_is_set)

LIFECYCLE = Lifecycle(
    "state",
    {
        (None, Stage.REFERRED): Move(
            "refer", "recevoir la saisine", guards=(rules_in_force,), who=frozenset(Role), rule="SIT-01"
        ),
        (None, Stage.FOLLOWED): Move(
            "take_over",
            "reprendre de l’ancien tableau",
            guards=(rules_in_force,),
            who=_COORDINATOR,
            rule="RET-01",
        ),
        (None, Stage.ARCHIVED): Move(
            "take_over_closed", "reprendre une fiche close", who=_COORDINATOR, rule="RET-02"
        ),
        (Stage.REFERRED, Stage.MORE_ASKED): Move(
            "ask_more", "demander un complément", who=_COORDINATOR, rule="SIT-01"
        ),
        (Stage.MORE_ASKED, Stage.REFERRED): Move(
            "complete", "compléter la saisine", who=frozenset(Role), rule="SIT-01"
        ),
        (Stage.REFERRED, Stage.REDIRECTED): Move("redirect", "réorienter", who=_COORDINATOR, rule="10.1"),
        (Stage.MORE_ASKED, Stage.REDIRECTED): Move("redirect", "réorienter", who=_COORDINATOR, rule="10.1"),
        (Stage.REFERRED, Stage.REJECTED): Move("reject", "classer hors champ", who=_COORDINATOR, rule="10.1"),
        (Stage.MORE_ASKED, Stage.REJECTED): Move("reject", "classer hors champ", who=_COORDINATOR, rule="10.1"),
        (Stage.INFORMED, Stage.REJECTED): Move("reject", "ne pas suivre", who=_COORDINATOR, rule="10.1"),
        (Stage.REFERRED, Stage.INFORMED): Move(
            "inform",
            "constater l’information",
            guards=(was_sorted, notice_was_given),
            who=_COORDINATOR,
            rule="SIT-07",
        ),
        (Stage.INFORMED, Stage.FOLLOWED): Move(
            "follow", "entrer en suivi", guards=_ENTRY, who=_COORDINATOR, rule="WL-08"
        ),
        (Stage.REFERRED, Stage.FOLLOWED): Move(
            "follow_uninformed",
            "entrer en suivi, information reportée",
            guards=(*_ENTRY, information_is_put_off_with_motive),
            who=_COORDINATOR,
            rule="SIT-07",
        ),
        (Stage.FOLLOWED, Stage.FOLLOWED): Move(
            "review", "revoir", guards=(rules_in_force,), who=_COORDINATOR, rule="CLV-23"
        ),
        (Stage.FOLLOWED, Stage.SUSPENDED): Move("suspend", "suspendre", who=_COORDINATOR, rule="GDP-12"),
        (Stage.SUSPENDED, Stage.FOLLOWED): Move(
            "resume",
            "reprendre",
            guards=(rules_in_force, person_is_under_limit),
            who=_COORDINATOR,
            rule="GDP-12",
        ),
        (Stage.SUSPENDED, Stage.ENDED): Move("end", "terminer", who=_COORDINATOR, rule="WL-17"),
        (Stage.FOLLOWED, Stage.ENDED): Move("end", "terminer", who=_COORDINATOR, rule="WL-17"),
        (Stage.ENDED, Stage.ARCHIVED): Move("archive", "archiver", who=_COORDINATOR, rule="RET-02"),
        (Stage.ARCHIVED, Stage.FOLLOWED): Move(
            "reopen",
            "rouvrir",
            guards=(rules_in_force, person_is_under_limit, purge_is_ahead, new_referral_exists),
            who=_COORDINATOR,
            rule="RET-02",
        ),
        **{
            (stage, Stage.MERGED): Move("merge", "réunir à une autre fiche", who=_COORDINATOR, rule="T-20")
            for stage in (Stage.REFERRED, Stage.MORE_ASKED, Stage.INFORMED, Stage.FOLLOWED, Stage.SUSPENDED)
        },
        **{
            (stage, Stage.EXPIRED): Move("expire", "durée atteinte", who=_SYSTEM, rule="RET-03")
            for stage in Stage
            if stage not in (Stage.EXPIRED, Stage.DESTROYED)
        },
        (Stage.EXPIRED, Stage.DESTROYED): Move("destroy", "détruire", who=_SYSTEM, rule="ARC-03"),
    },
    model_name="follow_up",
    title="Situation",
    states=Stage,
    final=frozenset({Stage.DESTROYED}),
)
