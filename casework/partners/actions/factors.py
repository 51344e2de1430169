"""Second factors of an agent: the application of the telephone, security keys, recovery codes. Each acts on one’s own account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from casework import audit
from casework.audit import Act, Actor
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import credentials, genuine, passkeys, reads
from casework.partners.actions.accounts import locked_invitation, new_device, other_sessions, own
from casework.partners.models import (
    Agent,
    Invitation,
    Passkey,
    RecoveryCode,
    TotpDevice,
)
from casework.sealing import keys

PASSKEY_NAME_LENGTH = 40


def enrol_totp(*, by: Actor, agent: Agent, now: datetime) -> TotpDevice:
    """Start setting up an authentication app; the one in use works until the new one is confirmed."""
    own(by, agent)
    keys.ensure(agent.pk, drawers=("content",))
    with audit.writing(by, now=now) as w:
        return new_device(w, agent)


def confirm_enrolment(
    *,
    by: Actor,
    agent: Agent,
    device: TotpDevice,
    typed: str,
    now: datetime,
    invitation: Invitation | None = None,
    keep_session: str = "",
) -> list[str]:
    """Confirm the new app with its first code; return recovery codes, shown once.

    Uses the invitation up. The former app and codes die, other sessions are closed. Raises InputRefused on
    a wrong code, AccessRefused when the link was used meanwhile.
    """
    own(by, agent)
    if device.user_id != agent.pk or device.confirmed:
        raise AccessRefused(code="device")
    if not credentials.check_code(device, agent, typed, by):
        raise InputRefused(
            "Ce code ne convient pas. Attendez que l’application en affiche un nouveau et recopiez-le.", field="code"
        )
    codes = credentials.new_recovery_codes()
    with audit.writing(by, now=now) as w:
        if invitation is not None:
            locked = locked_invitation(invitation.token_hash, now)
            locked.used_at = now
            locked.save()
            w.note(Act.CHANGE, locked, why="used")
        TotpDevice.objects.filter(user=agent).exclude(pk=device.pk).delete()
        used = TotpDevice.objects.select_for_update().get(pk=device.pk)
        used.confirmed = True
        used.save(update_fields=["confirmed"])
        _write_codes(agent, codes)
        other_sessions(agent, keep_session)
        w.note(Act.CHANGE, agent, why="second_factor")
    return codes


def add_passkey(
    *,
    by: Actor,
    agent: Agent,
    name: str,
    material: passkeys.Material,
    now: datetime,
    invitation: Invitation | None = None,
    keep_session: str = "",
) -> tuple[Passkey, list[str]]:
    """Add a security key that just signed; return it, and recovery codes when it is the first factor.

    The first factor comes through a one-time link only, which is used up: a stolen password must not choose its
    own second factor. Other sessions are closed. Raises AccessRefused, InputRefused (name, key known).
    """
    own(by, agent)
    label = name.strip()
    if not label or len(label) > PASSKEY_NAME_LENGTH:
        raise InputRefused(
            "Donnez un nom à cette clé, pour la reconnaître : par exemple « clé du bureau ».", field="name"
        )
    first = not reads.has_factor(agent)
    if first and invitation is None:
        raise AccessRefused(code="first_factor")
    hashed = passkeys.key_hash(material.credential_id)
    codes = credentials.new_recovery_codes() if first else []
    keys.ensure(agent.pk, drawers=("content",))
    with audit.writing(by, now=now) as w:
        if invitation is not None:
            locked = locked_invitation(invitation.token_hash, now)
            locked.used_at = now
            locked.save()
            w.note(Act.CHANGE, locked, why="used")
        if Passkey.objects.filter(key_hash=hashed).exists():
            raise InputRefused("Cette clé est déjà reliée à un compte.", field="name")
        passkey: Passkey = Passkey.objects.create(
            id=uuid4(), subject_id=agent.pk, user=agent, name=label, confirmed=True, key_hash=hashed,
            material=material.as_json(), sign_count=material.sign_count,
        )  # fmt: skip
        if first:
            TotpDevice.objects.filter(user=agent, confirmed=False).delete()
            _write_codes(agent, codes)
        other_sessions(agent, keep_session)
        w.note(Act.CREATE, None, object_type=passkey._meta.label_lower, why="second_factor")
        w.note(Act.CHANGE, agent, why="second_factor")
    return passkey, codes


def rename_passkey(*, by: Actor, agent: Agent, passkey_id: UUID, name: str, now: datetime) -> None:
    """Call one's own key otherwise. Raises AccessRefused, InputRefused."""
    own(by, agent)
    if not name.strip() or len(name.strip()) > PASSKEY_NAME_LENGTH:
        raise InputRefused("Donnez un nom à cette clé.", field="name")
    with audit.writing(by, now=now) as w:
        passkey = _locked_passkey(agent, passkey_id)
        passkey.name = name.strip()
        passkey.save(update_fields=["name"])
        w.note(Act.CHANGE, None, object_type=passkey._meta.label_lower, why="renamed")


def remove_passkey(*, by: Actor, agent: Agent, passkey_id: UUID, keep_session: str, now: datetime) -> None:
    """Remove one's own key; other sessions close. The last factor stays (GuardRefused, MFA-04)."""
    own(by, agent)
    with audit.writing(by, now=now) as w:
        passkey = _locked_passkey(agent, passkey_id)
        if reads.device(agent) is None and len(reads.passkeys(agent)) < 2:
            raise GuardRefused("C’est votre seul second facteur : reliez d’abord un téléphone ou une autre clé.")
        w.note(Act.DELETE, None, object_type=passkey._meta.label_lower, why="second_factor")
        passkey.delete()
        other_sessions(agent, keep_session)
        w.note(Act.CHANGE, agent, why="second_factor")


def use_passkey(
    *, by: Actor, agent: Agent, answer: str, challenge: bytes, origin: str, now: datetime
) -> Passkey | None:
    """Return the agent's key that signed `challenge` for this site, None if none did. Its counter only goes up."""
    own(by, agent)
    hashed = passkeys.key_hash(passkeys.credential_id_in(answer))
    found = next((each for each in reads.passkeys(agent) if each.key_hash == hashed), None)
    if found is None:
        return None
    with credentials.opened(by, agent):
        material = passkeys.material_of(found)
    count = passkeys.verified(answer, material, origin=origin, challenge=challenge)
    if count is None:
        return None
    with transaction.atomic():
        rows = Passkey.objects.select_for_update().filter(pk=found.pk, sign_count=found.sign_count)
        locked: Passkey | None = rows.first()
        if genuine.checked(locked) is None or locked is None:
            return None
        locked.sign_count, locked.used_at = count, now
        locked.save(update_fields=["sign_count", "used_at"])
    return locked


def use_recovery_code(*, by: Actor, agent: Agent, typed: str, now: datetime) -> bool:
    """Say whether `typed` is one of the agent's recovery codes, and use it up."""
    row = credentials.matching_recovery_code(agent, typed)
    if row is None:
        return False
    with audit.writing(by, now=now, even_stopped=True) as w:
        locked = RecoveryCode.objects.select_for_update().filter(pk=row.pk, used_at=None).first()
        if locked is None or genuine.checked(locked) is None:
            return False
        locked.used_at = now
        locked.save(update_fields=["used_at"])
        w.note(Act.CHANGE, agent, why="recovery_code")
    return True


def regenerate_recovery_codes(*, by: Actor, agent: Agent, now: datetime) -> list[str]:
    """Make new recovery codes, shown once; the former ones die."""
    own(by, agent)
    codes = credentials.new_recovery_codes()
    with audit.writing(by, now=now) as w:
        _write_codes(agent, codes)
        w.note(Act.CHANGE, agent, why="recovery_codes")
    return codes


def _locked_passkey(agent: Agent, passkey_id: UUID) -> Passkey:
    found: Passkey | None = Passkey.objects.select_for_update().filter(pk=passkey_id, user=agent).first()
    if found is None or genuine.checked(found) is None:
        raise AccessRefused(code="passkey")
    return found


def _write_codes(agent: Agent, codes: list[str]) -> None:
    RecoveryCode.objects.filter(agent=agent).delete()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(agent=agent, code_hash=credentials.hash_recovery_code(code)) for code in codes]
    )
