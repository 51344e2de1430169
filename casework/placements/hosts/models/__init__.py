"""Hosts, accreditations, tutors, posts and their places; legal references.

Fields, constraints and querysets only. No person under a measure is here: a booking knows an opaque holder. What
names a professional of the host is sealed under the host's own key.
"""

from casework.placements.hosts.models.legal import LegalReference
from casework.placements.hosts.models.places import Booking, OutOfUse, PostHalfDay
from casework.placements.hosts.models.posts import Post, PostGrant, PostQuerySet
from casework.placements.hosts.models.requests import HostRequest
from casework.placements.hosts.models.structures import Accreditation, HostStructure, ProspectNote, Supervisor, Training
from casework.placements.hosts.models.unplaced import WithoutPlace

__all__ = [
    "Accreditation",
    "Booking",
    "HostRequest",
    "HostStructure",
    "LegalReference",
    "OutOfUse",
    "Post",
    "PostGrant",
    "PostHalfDay",
    "PostQuerySet",
    "ProspectNote",
    "Supervisor",
    "Training",
    "WithoutPlace",
]
