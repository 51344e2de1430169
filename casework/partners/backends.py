"""Who signs in: by e-mail and password, the first of two factors (MFA-01)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from casework.partners import genuine
from casework.partners.models import Agent
from casework.partners.prepared import Prepared


class EmailBackend(BaseBackend):
    """Authenticate an agent by e-mail and password; rights are not its business."""

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = "", **credentials: Any
    ) -> Agent | None:
        """Return the agent, or None. An unknown or closed account costs the same one hash as a wrong password."""
        email = (email or credentials.get("username") or "").strip().lower()
        # A forged account is an unknown one; it is reported, and a hash written by SQL is not even tried (T-36).
        agent = genuine.checked(Agent.objects.filter(email=email).first())
        if agent is None:
            make_password(password)
            return None
        good = agent.check_password(password)  # an unusable password costs one hash too
        return agent if good and agent.is_active else None

    def get_user(self, user_id: UUID) -> Agent | None:
        """Return the agent of an open session; a closed account has no session."""
        return genuine.checked(_open_account.first(agent=user_id))


_open_account: Prepared[Agent] = Prepared(lambda agent: Agent.objects.filter(pk=agent, is_active=True), agent=UUID)
