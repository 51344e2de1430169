"""Young people followed by the group: person, situation, referral, circle, schemes, actions.

Fields, constraints and querysets only. Whatever says something of a person is sealed under that
person's key; each clear column gives its reason. No clear column is a function of a sealed one.
"""

from casework.minors.followups.models.circle import CircleMembership, RestrictedPoint, WhoKnows
from casework.minors.followups.models.information import MayorDisclosure, Notice
from casework.minors.followups.models.lines import EndedFollowUp, WaitingFollowUp
from casework.minors.followups.models.office import AnonymousCount, ImportBatch, PossibleDuplicate
from casework.minors.followups.models.people import FollowedPerson, LegalRepresentative
from casework.minors.followups.models.referrals import Referral, ReferralLink
from casework.minors.followups.models.situations import OPEN_STAGES, FollowUp, FollowUpGrant, FollowUpQuerySet
from casework.minors.followups.models.support import Action, KnownJudicialMeasure, SchemeStatus, SensitiveElement

__all__ = [
    "OPEN_STAGES",
    "Action",
    "AnonymousCount",
    "CircleMembership",
    "EndedFollowUp",
    "FollowUp",
    "FollowUpGrant",
    "FollowUpQuerySet",
    "FollowedPerson",
    "ImportBatch",
    "KnownJudicialMeasure",
    "LegalRepresentative",
    "MayorDisclosure",
    "Notice",
    "PossibleDuplicate",
    "Referral",
    "ReferralLink",
    "RestrictedPoint",
    "SchemeStatus",
    "SensitiveElement",
    "WaitingFollowUp",
    "WhoKnows",
]
