"""Accounts nobody uses: warned, then closed by themselves (security.md §3.11). An account forgotten is a door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from casework import audit
from casework.audit import Act
from casework.errors import AccessRefused
from casework.partners.actions.accounts import close_account_in
from casework.partners.codes import SERVER_ROLES
from casework.partners.models import Agent, Mandate

WARNED_AFTER = timedelta(days=60)
CLOSED_AFTER = timedelta(days=30)  # after the warning
SUBJECT = "Votre accès va se fermer"
BODY = "\n".join(
    (
        "Bonjour,",
        "",
        "Vous ne vous êtes pas connecté depuis deux mois. Sans connexion dans les trente jours, votre accès se",
        "fermera de lui-même ; la personne qui vous a invité pourra le rouvrir.",
        "",
        "Si vous n’en avez plus besoin, ne faites rien.",
    )
)

# queue(to, subject, body, now): floor 4 posts the mail.
Post = Callable[[str, str, str, datetime], object]


def warn_idle(now: datetime, post: Post) -> int:
    """Tell those who have not signed in for two months, once; return how many. The mail names no service nor file."""
    count = 0
    for agent in _quiet(now - WARNED_AFTER).filter(_not_warned()):
        with audit.writing(audit.system_actor(), now=now) as w:
            locked = Agent.objects.select_for_update().get(pk=agent.pk)
            if not _still_quiet(locked, now - WARNED_AFTER) or _was_warned(locked):
                continue
            locked.idle_warned_at = now
            locked.save(update_fields=["idle_warned_at"])
            post(locked.email, SUBJECT, BODY, now)
            w.note(Act.CHANGE, locked, why="idle_warned")
        count += 1
    return count


def close_idle(now: datetime) -> int:
    """Close the accounts warned a month ago and still quiet; return how many.

    The last person who can let others in again (technical administration, DPO) is never shut out by a machine.
    """
    count = 0
    for agent in _quiet(now - WARNED_AFTER).filter(idle_warned_at__lte=now - CLOSED_AFTER):
        if _was_warned(agent) and not _runs_the_server(agent, now):
            try:
                with audit.writing(audit.system_actor(), now=now) as w:
                    close_account_in(w, agent, now=now, why="idle")
            except AccessRefused:
                continue  # forged: reported, never written
            count += 1
    return count


def _quiet(since: datetime) -> QuerySet[Agent]:
    return Agent.objects.filter(is_active=True).filter(
        Q(last_login__lt=since) | Q(last_login__isnull=True, created_at__lt=since)
    )


def _not_warned() -> Q:
    return Q(idle_warned_at__isnull=True) | Q(idle_warned_at__lt=F("last_login"))


def _was_warned(agent: Agent) -> bool:
    """Say whether the warning is of this absence, not of an earlier one."""
    return agent.idle_warned_at is not None and (agent.last_login is None or agent.last_login < agent.idle_warned_at)


def _still_quiet(agent: Agent, since: datetime) -> bool:
    return agent.is_active and (agent.last_login or agent.created_at) < since


def _runs_the_server(agent: Agent, now: datetime) -> bool:
    return Mandate.objects.live(now).filter(agent=agent, role__in=SERVER_ROLES).exists()
