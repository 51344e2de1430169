"""The post: what is done there, for whom, where, and whether it is on the list (HOST-06 to HOST-08)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.access.grants import GrantBase
from casework.casefile.models import LocalItem
from casework.casefile.revision import Revised
from casework.partners.models import Territory
from casework.placements.hosts import codes
from casework.placements.hosts.models.base import BASE
from casework.placements.hosts.models.structures import HostStructure, Supervisor
from casework.sealing.fields import SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel

OPEN_TO_MINORS = Q(audience__in=(codes.Audience.MINORS, codes.Audience.BOTH))


class PostQuerySet(models.QuerySet["Post"]):
    """Posts that read like sentences. What the viewer may see is `facts.visible_posts`."""

    def current(self) -> PostQuerySet:
        """Return posts that are not struck off."""
        return self.exclude(state=codes.PostState.STRUCK_OFF)

    def listed_for(self, audience: codes.AccreditedFor | str) -> PostQuerySet:
        """Return posts on the list of one public, suspended ones left out."""
        column = "listed_minors_on" if audience == codes.AccreditedFor.MINORS else "listed_adults_on"
        return self.filter(state=codes.PostState.LISTED, **{f"{column}__isnull": False})


class Post(SealedModel, Revised):
    """One post of one host. `subject_id` is the host's id."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    host = models.ForeignKey(HostStructure, on_delete=models.PROTECT, related_name="posts")
    reference = models.CharField("référence", max_length=20, unique=True)
    nature = models.CharField("nature du travail", max_length=120)
    method = SealedText(label="hosts.post.method", data_class="tig_posts", max_length=400)
    activity = models.ForeignKey(LocalItem, on_delete=models.PROTECT, related_name="+", verbose_name="activité")
    sector = models.ForeignKey(
        LocalItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="secteur"
    )
    audience = models.CharField("public", max_length=10, choices=codes.Audience.choices)
    collective = models.BooleanField("activité de groupe", default=False)
    # A works site of some weeks takes place between two days, both included; empty: all the year.
    runs_from = models.DateField("a lieu à partir du", null=True, blank=True)
    runs_to = models.DateField("jusqu’au", null=True, blank=True)
    needs = models.JSONField("ce que le travail demande", default=list, blank=True)
    risks = models.JSONField("risques particuliers", default=list, blank=True)
    address = models.CharField("lieu", max_length=200, blank=True)
    access_note = SealedText(label="hosts.post.access_note", data_class="tig_posts", max_length=200)
    managers = models.ManyToManyField(Supervisor, related_name="posts", verbose_name="responsables")
    state = models.CharField("état", max_length=20, choices=codes.PostState.choices)
    opinions_asked_on = models.DateField("avis demandés le", null=True, blank=True)
    opinions_received_on = models.DateField("avis reçus le", null=True, blank=True)
    council_consulted_on = models.DateField("CLSPD consulté le", null=True, blank=True)
    listed_adults_on = models.DateField("inscrit pour les majeurs le", null=True, blank=True)
    listed_minors_on = models.DateField("inscrit pour les mineurs le", null=True, blank=True)
    suspended_by = models.CharField("suspendu par", max_length=10, choices=codes.SuspendedBy.choices, blank=True)
    suspend_reason = models.CharField("motif", max_length=20, choices=codes.SuspendReason.choices, blank=True)
    suspended_on = models.DateField("suspendu le", null=True, blank=True)
    strike_opinions_asked_on = models.DateField("avis demandés sur la radiation le", null=True, blank=True)
    strike_opinions_received_on = models.DateField("avis reçus sur la radiation le", null=True, blank=True)
    strike_reason = models.CharField("motif", max_length=20, choices=codes.StrikeReason.choices, blank=True)
    struck_off_on = models.DateField("radié le", null=True, blank=True)
    # The official list lives in TIG 360° (ATG-04): this is the number that the post bears there.
    tig360_number = models.CharField("numéro TIG 360°", max_length=40, blank=True)
    tig360_read_on = models.DateField("lu dans TIG 360° le", null=True, blank=True)
    history = SealedHistory()

    objects: ClassVar[models.Manager[Post]] = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "poste"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["territory", "state", "reference"], name="post_terr_state"),
            models.Index(fields=["host", "state"], name="post_host"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(runs_from__isnull=True) | Q(runs_to__isnull=True) | Q(runs_to__gte=F("runs_from")),
                name="post_runs_forward", violation_error_message="Le dernier jour doit suivre le premier.",
            ),
            models.UniqueConstraint(
                fields=["territory", "tig360_number"], condition=~Q(tig360_number=""), name="post_tig360_once",
                violation_error_message="Ce numéro TIG 360° est déjà celui d’un autre poste.",
            ),
            models.CheckConstraint(
                condition=~Q(state="listed") | Q(listed_adults_on__isnull=False) | Q(listed_minors_on__isnull=False),
                name="post_listing_is_dated",
                violation_error_message="Une inscription sur la liste a une date.",
            ),
            models.CheckConstraint(
                condition=Q(state="suspended") ^ Q(suspended_by=""), name="post_suspension_is_somebodys",
                violation_error_message="Une suspension dit qui l’a décidée.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "host": "reference",
            "reference": "random reference",
            "nature": "a work, not a person",
            "activity": "reference",
            "sector": "reference",
            "audience": "closed list",
            "collective": "setting",
            "runs_from": "setting of a post",
            "runs_to": "setting of a post",
            "needs": "closed list",
            "risks": "closed list (ASG-05)",
            "address": "of an organisation",
            "managers": "reference",
            "state": "state",
            "opinions_asked_on": "workflow date (HOST-06)",
            "opinions_received_on": "workflow date",
            "council_consulted_on": "workflow date (HOST-06)",
            "listed_adults_on": "workflow date",
            "listed_minors_on": "workflow date",
            "suspended_by": "closed list",
            "suspend_reason": "closed list",
            "suspended_on": "workflow date",
            "strike_opinions_asked_on": "workflow date (HOST-08)",
            "strike_opinions_received_on": "workflow date (HOST-08)",
            "strike_reason": "closed list",
            "struck_off_on": "workflow date",
            "tig360_number": "public number of a post (ATG-04)",
            "tig360_read_on": "workflow date",
        }

    def __str__(self) -> str:
        return f"post {self.pk}"

    def listed_on(self, audience: codes.AccreditedFor | str) -> Any:
        """Return the day this post entered the list of one public, None if it is not on it."""
        return self.listed_minors_on if audience == codes.AccreditedFor.MINORS else self.listed_adults_on


class PostGrant(GrantBase):
    """A manager's dated right on one post (row 10 `oW`). Written by access.grants only."""

    content_object = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="grants")

    class Meta(GrantBase.Meta):
        abstract = False
        verbose_name = "accès à un poste"
        unique_together: ClassVar[list[Any]] = []
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["mandate", "permission", "content_object", "basis"],
                condition=Q(ends_at__isnull=True),
                name="post_grant_open_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mandate", "sort_key", "content_object"], name="post_grant_list"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {**GrantBase.CLEAR, "content_object": "reference"}
