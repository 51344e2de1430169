"""A host asked to receive somebody: what the rooms that ask keep of it, whoever the person is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from casework.placements.hosts import codes
from casework.placements.hosts.models.posts import Post


class HostRequest(models.Model):
    """A host asked for places until a day: silence by then frees them, and is never a yes (10.2, peers C6)."""

    CLEAR: ClassVar[dict[str, str]] = {
        "post": "reference",
        "asked_at": "workflow date",
        "asked_by": "reference",
        "answer_by": "the job that releases places runs without keys",
        "answer": "closed list",
        "answered_at": "workflow date",
        "answered_by": "reference",
        "decline_reason": "closed list, never about the person",
        "token_hash": "hash of a random token",
    }

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("demandée le")
    asked_by = models.UUIDField("demandée par (fonction)")
    answer_by = models.DateField("réponse avant le (inclus)")
    answer = models.CharField("réponse", max_length=20, choices=codes.ProposalAnswer.choices, blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    answered_by = models.UUIDField("répondue par (fonction)", null=True, blank=True)
    decline_reason = models.CharField("motif", max_length=20, choices=codes.NoPlace.choices, blank=True)
    # A host without an account answers by a link: only the hash of its token is kept.
    token_hash = models.CharField("empreinte du lien", max_length=64, blank=True, db_index=True)

    class Meta:
        abstract = True
