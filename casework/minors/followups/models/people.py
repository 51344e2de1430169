"""The young person and those who hold parental authority: whatever names somebody."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from casework.casefile.revision import Revised
from casework.minors.followups.models.base import BASE
from casework.partners.models import Territory
from casework.sealing.fields import SealedDate, SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel


class FollowedPerson(SealedModel, Revised):
    """A young person (WL-01 to WL-05, WL-07). `subject_id` is the row's own id."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    last_name = SealedText(
        label="minors.followed_person.last_name",
        drawer="identity",
        data_class="youth_identity",
        max_length=120,
    )
    first_name = SealedText(
        label="minors.followed_person.first_name",
        drawer="identity",
        data_class="youth_identity",
        max_length=120,
    )
    sex = SealedText(label="minors.followed_person.sex", drawer="identity", data_class="youth_identity", max_length=10)
    birth_date = SealedDate(label="minors.followed_person.birth_date", drawer="identity", data_class="youth_identity")
    birth_precision = SealedText(
        label="minors.followed_person.birth_precision",
        drawer="identity",
        data_class="youth_identity",
        max_length=10,
    )
    address = SealedText(
        label="minors.followed_person.address", drawer="content", data_class="youth_identity", max_length=300
    )
    phone = SealedText(
        label="minors.followed_person.phone", drawer="content", data_class="youth_identity", max_length=30
    )
    email = SealedText(
        label="minors.followed_person.email", drawer="content", data_class="youth_identity", max_length=120
    )
    # The anonymous card (row 1a): {"initials": "Y. B.", "birth": "2011-03-12", "sector": "Maille 2"}.
    card = SealedJSON(label="minors.followed_person.card", drawer="identity", data_class="youth_card")
    school_level = SealedText(
        label="minors.followed_person.school_level",
        drawer="content",
        data_class="youth_occupation",
        max_length=20,
    )
    school = SealedText(
        label="minors.followed_person.school", drawer="content", data_class="youth_occupation", max_length=120
    )
    occupation_status = SealedText(
        label="minors.followed_person.occupation_status",
        drawer="content",
        data_class="youth_occupation",
        max_length=20,
    )
    history = SealedHistory()

    class Meta:
        verbose_name = "personne suivie"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = dict(BASE)

    def __str__(self) -> str:
        return f"person {self.pk}"


class LegalRepresentative(SealedModel, Revised):
    """A parent or guardian, sealed under the young person's key (WL-06, SIT-09)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(FollowedPerson, on_delete=models.CASCADE, related_name="representatives")
    last_name = SealedText(
        label="minors.representative.last_name",
        drawer="content",
        data_class="youth_representatives",
        max_length=120,
    )
    first_name = SealedText(
        label="minors.representative.first_name",
        drawer="content",
        data_class="youth_representatives",
        max_length=120,
    )
    relation = SealedText(
        label="minors.representative.relation",
        drawer="content",
        data_class="youth_representatives",
        max_length=20,
    )
    holds_authority = SealedJSON(
        label="minors.representative.holds_authority", drawer="content", data_class="youth_representatives"
    )
    address = SealedText(
        label="minors.representative.address",
        drawer="content",
        data_class="youth_representatives",
        max_length=300,
    )
    phone = SealedText(
        label="minors.representative.phone",
        drawer="content",
        data_class="youth_representatives",
        max_length=30,
    )
    email = SealedText(
        label="minors.representative.email",
        drawer="content",
        data_class="youth_representatives",
        max_length=120,
    )
    position = models.PositiveSmallIntegerField("ordre", default=0)
    closed_at = models.DateTimeField("fermé le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "représentant légal"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "person": "reference",
            "position": "order on screen",
            "closed_at": "workflow date (SIT-09)",
        }

    def __str__(self) -> str:
        return f"representative {self.pk}"
