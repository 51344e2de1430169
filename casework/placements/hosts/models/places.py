"""Places: the half-days of a post, what is out of use, what is held or given (peers B2, C3)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.casefile.revision import Revised
from casework.partners.models import Organisation, Territory
from casework.placements.hosts import codes
from casework.placements.hosts.models.base import BASE
from casework.placements.hosts.models.posts import Post
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel


class PostHalfDay(SealedModel, Revised):
    """A half-day of the week on which a post receives, with its hours and its number of places."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="half_days")
    weekday = models.PositiveSmallIntegerField("jour")  # 0 is Monday, as date.weekday()
    half = models.CharField("demi-journée", max_length=2, choices=codes.Half.choices)
    starts_at = models.TimeField("début")
    ends_at = models.TimeField("fin")
    places = models.PositiveSmallIntegerField("places")
    history = SealedHistory()

    class Meta:
        verbose_name = "demi-journée d’un poste"
        ordering: ClassVar[list[str]] = ["weekday", "half"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["post", "weekday", "half"], name="post_half_day_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="post_half_day_weekday"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="post_half_day_ends_after",
                violation_error_message="L’heure de fin doit suivre l’heure de début.",
            ),
            models.CheckConstraint(
                condition=Q(places__gte=1, places__lte=50), name="post_half_day_places",
                violation_error_message="De 1 à 50 places.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "post": "reference",
            "weekday": "setting of a post",
            "half": "closed list",
            "starts_at": "setting of a post",
            "ends_at": "setting of a post",
            "places": "setting of a post",
        }

    def __str__(self) -> str:
        return f"half-day {self.pk}"


class OutOfUse(SealedModel, Revised):
    """Places that a post does not offer from a day to another, counted apart (peers C3)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="out_of_use")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (inclus)")
    half = models.CharField("demi-journée", max_length=2, choices=codes.Half.choices, blank=True)  # empty: both
    places = models.PositiveSmallIntegerField("places", null=True, blank=True)  # null: all
    reason = models.CharField("motif", max_length=20, choices=codes.OutReason.choices)
    history = SealedHistory()

    class Meta:
        verbose_name = "période hors service"
        ordering: ClassVar[list[str]] = ["starts_on", "half"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["post", "ends_on"], name="out_of_use_post")]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="out_of_use_ends_after",
                violation_error_message="Le dernier jour doit suivre le premier.",
            ),
            models.CheckConstraint(
                condition=Q(places__isnull=True) | Q(places__gte=1), name="out_of_use_some",
                violation_error_message="Au moins une place.",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "post": "reference",
            "starts_on": "setting of a post",
            "ends_on": "setting of a post",
            "half": "closed list",
            "places": "setting of a post",
            "reason": "closed list, about a place",
        }

    def __str__(self) -> str:
        return f"out of use {self.pk}"


class Booking(SealedModel, Revised):
    """One place of one half-day, held for an answer or given. Who holds it, the other rooms know: an opaque id.

    No history: a place given back is deleted, and no list of somebody's half-days outlives their record.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="bookings")
    day = models.DateField("jour")
    half = models.CharField("demi-journée", max_length=2, choices=codes.Half.choices)
    slot = models.PositiveSmallIntegerField("place")
    state = models.CharField("état", max_length=10, choices=codes.BookingState.choices)
    holder = models.UUIDField("pour")
    service = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField("réservée jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "place prise"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["holder", "day"], name="booking_holder"),
            models.Index(fields=["until"], condition=Q(state="reserved"), name="booking_until"),
        ]
        constraints: ClassVar[list[Any]] = [
            # What stops two officers who want the last place, whatever the code above thinks.
            models.UniqueConstraint(fields=["post", "day", "half", "slot"], name="booking_place_once"),
            models.UniqueConstraint(fields=["holder", "day", "half"], name="booking_holder_once"),
            models.CheckConstraint(
                condition=Q(state="reserved") ^ Q(until__isnull=True), name="booking_reservation_ends"
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "post": "reference",
            "day": "decides capacity; says nothing without the record of its holder",
            "half": "closed list",
            "slot": "technical",
            "state": "state",
            "holder": "opaque reference",
            "service": "reference",
            "until": "workflow date",
        }

    def __str__(self) -> str:
        return f"booking {self.pk}"
