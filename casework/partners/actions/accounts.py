"""How people get in: invitations, passwords, second factor, recovery codes, sessions."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email

from casework import audit
from casework.audit import Act, Actor, Writing
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import credentials, genuine, reads, totp
from casework.partners.actions.mandates import appoint_in
from casework.partners.codes import InvitationKind
from casework.partners.models import (
    Agent,
    AgentSession,
    Invitation,
    Mandate,
    Organisation,
    Passkey,
    RecoveryCode,
    TotpDevice,
)
from casework.partners.rights import may_manage_account, require_account_manager, require_inviter
from casework.partners.session_state import MEETING_UNTIL
from casework.partners.session_store import close_and_tell, stored_key
from casework.sealing import keys


@dataclass(frozen=True)
class Invited:
    """Who was invited; `token` is None when the person already has an account that works."""

    agent: Agent
    mandate: Mandate | None
    token: str | None
    invitation_id: UUID | None


# ---------------------------------------------------------------- accounts and invitations


def create_agent(*, by: Actor, email: str, first_name: str, last_name: str, now: datetime, phone: str = "") -> Agent:
    """Create an account without password nor function. Raises InputRefused on a bad or known address."""
    with audit.writing(by, now=now) as w:
        require_inviter(by, now)
        return _create_agent(w, email=email, first_name=first_name, last_name=last_name, phone=phone, by=by)


def invite(
    *,
    by: Actor,
    email: str,
    first_name: str,
    last_name: str,
    organisation: Organisation,
    role: str,
    now: datetime,
    phone: str = "",
    job_title: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    is_service_lead: bool = False,
) -> Invited:
    """Appoint a person and make the one-time link that lets them in, in one transaction.

    A person already known by this address keeps the account and gets the function only: a new link
    could give away an account of another service. The token is returned once; only its hash is kept. Raises
    what `appoint` raises, InputRefused.
    """
    with audit.writing(by, now=now) as w:
        agent = Agent.objects.filter(email=email.strip().lower()).first()
        may_link = agent is None or may_manage_account(by, agent, now)
        if agent is None:
            agent = _create_agent(w, email=email, first_name=first_name, last_name=last_name, phone=phone, by=by)
        mandate = appoint_in(
            w, by=by, agent=agent, organisation=organisation, role=role, now=now, starts_at=starts_at,
            ends_at=ends_at, job_title=job_title, is_service_lead=is_service_lead,
        )  # fmt: skip
        if not may_link or reads.has_factor(agent):
            return Invited(agent, mandate, None, None)
        token, invitation = _invite(w, agent, InvitationKind.FIRST_SIGN_IN, by, now)
    return Invited(agent, mandate, token, invitation.pk)


def revoke_invitation(*, by: Actor, invitation_id: UUID, now: datetime) -> None:
    """Make a link useless. Doing it twice changes nothing. Raises AccessRefused."""
    with audit.writing(by, now=now) as w:
        invitation = Invitation.objects.select_for_update(of=("self",)).select_related("agent").get(pk=invitation_id)
        require_account_manager(by, invitation.agent, now)
        if invitation.used_at is None and invitation.revoked_at is None:
            invitation.revoked_at = now
            invitation.save()
            w.note(Act.REVOKE, invitation)


def renew_invitation(*, by: Actor, agent: Agent, now: datetime) -> Invited:
    """Make a new link and close the former ones: first sign-in, or a new password for an account in use.

    A new password never removes the second factor. Raises AccessRefused, GuardRefused (closed account).
    """
    with audit.writing(by, now=now) as w:
        require_account_manager(by, agent, now)
        if not agent.is_active:
            raise GuardRefused("Ce compte est fermé.")
        enrolled = reads.has_factor(agent)
        kind = InvitationKind.RESET if enrolled else InvitationKind.FIRST_SIGN_IN
        token, invitation = _invite(w, agent, kind, by, now)
    return Invited(agent, None, token, invitation.pk)


def reissue_access(*, by: Actor, agent: Agent, now: datetime) -> Invited:
    """Start an account again after a lost phone and lost codes: no password, no second factor, a new link.

    The caller sends the link to the agent's own address and shows it to nobody: it would give the account
    away. Sessions are closed.
    """
    with audit.writing(by, now=now) as w:
        require_account_manager(by, agent, now)
        if not agent.is_active:
            raise GuardRefused("Ce compte est fermé.")
        locked = _locked_agent(agent)
        TotpDevice.objects.filter(user=locked).delete()
        Passkey.objects.filter(user=locked).delete()
        RecoveryCode.objects.filter(agent=locked).delete()
        locked.set_unusable_password()
        _save_agent(locked, "password")
        AgentSession.objects.filter(agent_id=agent.pk).delete()
        w.note(Act.REVOKE, locked, why="second_factor")
        token, invitation = _invite(w, agent, InvitationKind.FIRST_SIGN_IN, by, now)
    return Invited(agent, None, token, invitation.pk)


def close_account(*, by: Actor, agent: Agent, now: datetime) -> None:
    """Close an account and its sessions at once; its functions stay recorded and open nothing."""
    with audit.writing(by, now=now) as w:
        require_account_manager(by, agent, now)
        close_account_in(w, agent, now=now, why="account_closed")


def close_account_in(w: Writing, agent: Agent, *, now: datetime, why: str) -> None:
    """Close an account inside the transaction of another act: sessions and open links die with it."""
    locked = _locked_agent(agent)
    locked.is_active = False
    _save_agent(locked, "is_active")
    AgentSession.objects.filter(agent_id=locked.pk).delete()
    _revoke_open_links(locked, now)
    w.note(Act.REVOKE, locked, why=why)


def change_agent(*, by: Actor, agent: Agent, first_name: str, last_name: str, phone: str, now: datetime) -> None:
    """Correct the name or telephone of an agent. The address does not change: links to the account go there.

    Raises AccessRefused, InputRefused.
    """
    if not first_name.strip() or not last_name.strip():
        raise InputRefused("Indiquez le prénom et le nom.", field="last_name")
    with audit.writing(by, now=now) as w:
        require_account_manager(by, agent, now)
        locked = _locked_agent(agent)
        locked.first_name, locked.last_name, locked.phone = first_name.strip(), last_name.strip(), phone.strip()
        locked.save(update_fields=["first_name", "last_name", "phone"])
        w.note(Act.CHANGE, locked, why="directory")


def reopen_account(*, by: Actor, agent: Agent, now: datetime) -> None:
    """Open an account again; ended functions stay ended (T-37)."""
    with audit.writing(by, now=now) as w:
        require_account_manager(by, agent, now)
        locked = _locked_agent(agent)
        locked.is_active, locked.idle_warned_at, locked.last_login = True, None, now
        _save_agent(locked, "is_active", "idle_warned_at", "last_login")
        w.note(Act.CHANGE, locked, why="account_reopened")


def send_invitation_mail(*, agent: Agent, link: str, kind: str = InvitationKind.FIRST_SIGN_IN) -> bool:
    """Send the link in a mail that names no town, service nor file. Return False if it could not leave."""
    first = kind == InvitationKind.FIRST_SIGN_IN
    lines = [
        "Bonjour,",
        "",
        "Un accès vous attend. Ouvrez ce lien pour choisir votre mot de passe et relier votre téléphone :"
        if first
        else "Ouvrez ce lien pour choisir un nouveau mot de passe :",
        "",
        link,
        "",
        "Il ne sert qu’une fois et reste valable 7 jours. Ne le transférez à personne.",
        "Si vous n’attendiez pas ce message, ne faites rien.",
    ]
    subject = "Votre accès" if first else "Votre nouveau mot de passe"
    try:
        return bool(send_mail(subject, "\n".join(lines), settings.DEFAULT_FROM_EMAIL, [agent.email]))
    except (smtplib.SMTPException, OSError):
        return False


# ---------------------------------------------------------------- one's own password and second factor


def accept_invitation(*, by: Actor, hashed: str, password: str, now: datetime) -> tuple[Invitation, TotpDevice | None]:
    """Choose a password with a link. The first sign-in goes on to the second factor, which uses the link up.

    A link for a new password is used up here, closes every session and leaves the second factor as it
    is. Raises AccessRefused on a link that no longer works, InputRefused on a weak password (PWD-01).
    """
    found = credentials.open_invitation(hashed, now)
    if found is None:
        raise AccessRefused(code="invitation")
    check_password_rules(password, found.agent)
    keys.ensure(found.agent_id, drawers=("content",))
    with audit.writing(by, now=now) as w:
        invitation = locked_invitation(hashed, now)
        agent = invitation.agent
        _set_password(w, agent, password)
        device = None
        if invitation.kind == InvitationKind.RESET:
            invitation.used_at = now
            invitation.save()
            w.note(Act.CHANGE, invitation, why="used")
        else:
            device = new_device(w, agent)
    return invitation, device


def change_password(*, by: Actor, agent: Agent, password: str, keep_session: str, now: datetime) -> None:
    """Change one's own password, known from the caller's check of the current one; close other sessions."""
    own(by, agent)
    check_password_rules(password, agent)
    with audit.writing(by, now=now) as w:
        _set_password(w, agent, password, keep_session=keep_session)


def check_password_rules(password: str, agent: Agent) -> None:
    """Raise InputRefused, in French, on a password that is too weak (PWD-01)."""
    try:
        password_validation.validate_password(password, user=agent)
    except ValidationError as error:
        raise InputRefused(" ".join(error.messages), field="password") from None


def close_sessions(*, by: Actor, agent: Agent, keep_session: str, now: datetime, tell: bool = False) -> int:
    """Close the agent's other sessions; return how many were. One that holds a meeting open is spared:
    a second device may follow it (security.md §3.11). `tell`: whoever used the others learns why.
    """
    own(by, agent)
    with audit.writing(by, now=now, even_stopped=True) as w:
        count = other_sessions(agent, keep_session, spare_meetings_at=now, tell_at=now if tell else None)
        if count:
            w.note(Act.REVOKE, agent, why="sessions", n=count)
    return count


# ---------------------------------------------------------------- inside a transaction


def _create_agent(w: Writing, *, email: str, first_name: str, last_name: str, phone: str, by: Actor) -> Agent:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise InputRefused("Cette adresse électronique n’est pas complète.", field="email") from None
    if Agent.objects.filter(email=address).exists():
        raise InputRefused("Un compte existe déjà à cette adresse.", field="email")
    if not first_name.strip() or not last_name.strip():
        raise InputRefused("Indiquez le prénom et le nom.", field="last_name")
    agent: Agent = Agent.objects.create_agent(
        address, first_name=first_name.strip(), last_name=last_name.strip(), phone=phone.strip()
    )
    w.note(Act.CREATE, agent)
    return agent


def _invite(w: Writing, agent: Agent, kind: InvitationKind, by: Actor, now: datetime) -> tuple[str, Invitation]:
    _revoke_open_links(agent, now)
    token, hashed = credentials.new_token()
    invitation = Invitation.objects.create(
        agent=agent,
        kind=kind,
        token_hash=hashed,
        expires_at=now + credentials.INVITATION_LASTS,
        created_at=now,
        created_by=by.mandate_id,
    )
    w.note(Act.CREATE, invitation)
    return token, invitation


def _revoke_open_links(agent: Agent, now: datetime) -> None:
    for former in Invitation.objects.filter(agent=agent, used_at=None, revoked_at=None):
        former.revoked_at = now
        former.save(update_fields=["revoked_at"])


def _locked_agent(agent: Agent) -> Agent:
    """Return the account under lock. Raises AccessRefused on a forged one: writing it would seal it (T-36)."""
    locked = Agent.objects.select_for_update().get(pk=agent.pk)
    if genuine.checked(locked) is None:
        raise AccessRefused(code="agent_seal")
    return locked


def _save_agent(locked: Agent, *names: str) -> None:
    locked.revision += 1
    locked.save(update_fields=[*names, "revision"])


def locked_invitation(hashed: str, now: datetime) -> Invitation:
    """Return an open invitation under lock: two browsers with one link give one account (single use)."""
    invitation = (
        Invitation.objects.select_for_update(of=("self",)).select_related("agent").filter(token_hash=hashed).first()
    )
    if genuine.checked(invitation) is None or invitation is None:
        raise AccessRefused(code="invitation")
    if not invitation.is_open(now) or not invitation.agent.is_active:
        raise AccessRefused(code="invitation")
    return invitation


def _set_password(w: Writing, agent: Agent, password: str, *, keep_session: str = "") -> None:
    locked = _locked_agent(agent)
    locked.set_password(password)
    _save_agent(locked, "password")
    agent.password, agent.revision, agent.mac = locked.password, locked.revision, locked.mac
    other_sessions(agent, keep_session)
    w.note(Act.CHANGE, locked, why="password")


def new_device(w: Writing, agent: Agent) -> TotpDevice:
    """Return an application to confirm, in place of one never confirmed."""
    TotpDevice.objects.filter(user=agent, confirmed=False).delete()
    device: TotpDevice = TotpDevice.objects.create(
        id=uuid4(), subject_id=agent.pk, user=agent, name="totp", confirmed=False, seed=totp.new_seed()
    )
    w.note(Act.CREATE, None, object_type=device._meta.label_lower, why="second_factor")  # it counts: its row changes
    return device


def other_sessions(
    agent: Agent, keep_session: str, *, spare_meetings_at: datetime | None = None, tell_at: datetime | None = None
) -> int:
    """Close the sessions of an agent but one; return how many. `spare_meetings_at`, `tell_at`: as `close_sessions` says."""
    rows = AgentSession.objects.filter(agent_id=agent.pk)
    if keep_session:
        rows = rows.exclude(session_key=stored_key(keep_session))
    if spare_meetings_at is not None:
        running = [row.session_key for row in rows if _in_meeting(row, spare_meetings_at)]
        rows = rows.exclude(session_key__in=running)
    if tell_at is None:
        return int(rows.delete()[0])
    closed = list(rows.select_for_update())
    for row in closed:
        close_and_tell(row, tell_at)
    return len(closed)


def _in_meeting(row: AgentSession, now: datetime) -> bool:
    until = row.get_decoded().get(MEETING_UNTIL)
    return isinstance(until, int) and now.timestamp() < until


def own(by: Actor, agent: Agent) -> None:
    """Raise AccessRefused when an agent touches another's credentials."""
    if by.agent_id != agent.pk:
        raise AccessRefused(code="own_account")
