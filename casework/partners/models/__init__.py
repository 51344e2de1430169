"""Territories, organisations, agents, mandates: who works here, for whom, from when to when. Nothing of a followed person."""

from casework.partners.models.agents import Agent, AgentManager, Mandate, MandateQuerySet, running
from casework.partners.models.group import (
    CharterSignature,
    EthicsCharter,
    GroupMembership,
    GroupRules,
    Seat,
    WatchGroup,
)
from casework.partners.models.places import Organisation, Territory
from casework.partners.models.sign_in import AgentSession, Invitation, Passkey, RecoveryCode, SignInCounter, TotpDevice

__all__ = [
    "Agent",
    "AgentManager",
    "AgentSession",
    "CharterSignature",
    "EthicsCharter",
    "GroupMembership",
    "GroupRules",
    "Invitation",
    "Mandate",
    "MandateQuerySet",
    "Organisation",
    "Passkey",
    "RecoveryCode",
    "Seat",
    "SignInCounter",
    "Territory",
    "TotpDevice",
    "WatchGroup",
    "running",
]
