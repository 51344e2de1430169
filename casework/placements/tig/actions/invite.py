"""The link by which a host without an account answers: made, hashed, mailed in neutral words."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.urls import reverse

from casework.casefile import format as fr
from casework.casefile import mailer
from casework.placements.tig.models import Proposal

TOKEN_BYTES = 32


def hash_of(token: str) -> str:
    """Return what the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def send(proposal: Proposal, *, to: str, now: datetime) -> None:
    """Give an unsaved proposal its link and mail it, in the transaction of the act: neutral words, no name."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    proposal.token_hash = hash_of(token)
    url = settings.BASE_URL.rstrip("/") + reverse("tig:answer_link", args=[token])
    mailer.queue(
        to=to, subject="Une réponse est attendue", now=now,
        body=(
            f"Bonjour,\n\nUne question vous est posée par ce lien, jusqu’au {fr.long_date(proposal.answer_by)}. Il sert "
            f"une seule fois.\n\n{url}\n\nNe le transférez pas. Ce message ne nomme personne.\n"
        ),
    )  # fmt: skip
