"""The working group: its charter, its rules, who is a member of it, who holds a seat."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.partners.codes import (
    Formation,
    SeatFunction,
)
from casework.partners.macs import AuthenticRow, RowMacField
from casework.partners.models.agents import Mandate
from casework.partners.models.places import Organisation, Territory


class EthicsCharter(models.Model):
    """A version of the charter that members sign before any nominative exchange (CLV-25, CHA-05)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="charters")
    version = models.PositiveIntegerField("version")
    text = models.TextField("texte")
    adopted_on = models.DateField("adoptée le")

    class Meta:
        verbose_name = "charte déontologique"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "version"], name="charter_version_once")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "version": "reference",
            "text": "a public document",
            "adopted_on": "a public document",
        }

    def __str__(self) -> str:
        return f"charte v{self.version}"


class CharterSignature(models.Model):
    """Who signed which version of the charter, kept when a later one is adopted (CLV-25, CHA-05)."""

    charter = models.ForeignKey(EthicsCharter, on_delete=models.PROTECT, related_name="signatures")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="signatures")
    signed_at = models.DateTimeField("signée le")

    class Meta:
        verbose_name = "signature de la charte"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["charter", "mandate"], name="charter_signed_once")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "charter": "reference",
            "mandate": "reference",
            "signed_at": "staff accountability",
        }

    def __str__(self) -> str:
        return f"charter signature {self.pk}"


class WatchGroup(models.Model):
    """A working group of the CLSPD, created under CSI L132-5 (CLV-03). The cellule is one."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="watch_groups")
    name = models.CharField("nom", max_length=120)

    class Meta:
        verbose_name = "groupe de travail"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "name": "a body, not a person",
        }

    def __str__(self) -> str:
        return self.name


class GroupRules(AuthenticRow):
    """A version of the group's règlement intérieur; without one in force, no nominative exchange (CLV-06)."""

    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="rules")
    version = models.PositiveIntegerField("version")
    adopted_on = models.DateField("adopté le")
    valid_from = models.DateField("en vigueur du")
    valid_to = models.DateField("au (exclu)", null=True, blank=True)
    who_knows_enabled = models.BooleanField("« Qui connaît ? » autorisé", default=False)
    formation = models.CharField("formation", max_length=20, choices=Formation.choices, default=Formation.BY_CIRCLE)
    dpo_note_on = models.DateField("note du DPO du", null=True, blank=True)
    minimum_presence = models.PositiveSmallIntegerField("présence minimale", null=True, blank=True)
    prosecutor_opinion_required = models.BooleanField("avis préalable du parquet", default=False)
    silence_days = models.PositiveSmallIntegerField("approbation tacite (jours ouvrés)", default=5)
    mac = RowMacField(
        "empreinte",
        label="partners.group_rules",
        over=(
            "group_id", "version", "adopted_on", "valid_from", "valid_to", "who_knows_enabled", "formation", "dpo_note_on",
            "minimum_presence", "prosecutor_opinion_required", "silence_days",
        ),
    )  # fmt: skip

    class Meta:
        verbose_name = "règlement intérieur"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["group", "version"], name="group_rules_version_once"),
            models.CheckConstraint(
                condition=~Q(formation="single") | Q(dpo_note_on__isnull=False),
                name="single_needs_dpo_note",
                violation_error_message="La formation unique demande une note datée du DPO.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = dict.fromkeys(
            (
                "id",
                "group",
                "version",
                "adopted_on",
                "valid_from",
                "valid_to",
                "who_knows_enabled",
                "formation",
                "dpo_note_on",
                "minimum_presence",
                "prosecutor_opinion_required",
                "silence_days",
            ),
            "rules of the group: a public document",
        ) | {"mac": "authenticity of the row"}

    def __str__(self) -> str:
        return f"règlement v{self.version}"

    def in_force(self, on: date) -> bool:
        """Say whether this version is in force on a day (its last day is excluded, CLV-06)."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class GroupMembership(AuthenticRow):
    """An organisation sits in a group between two instants (CLV-20, CLV-24)."""

    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    dated_facts_enabled = models.BooleanField("un fait daté par préparation", default=False)
    mac = RowMacField(
        "empreinte",
        label="partners.group_membership",
        over=("group_id", "organisation_id", "starts_at", "ends_at", "dated_facts_enabled"),
    )

    class Meta:
        verbose_name = "siège d’un service"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["group", "organisation"],
                condition=Q(ends_at__isnull=True),
                name="organisation_sits_once",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "group": "reference",
            "organisation": "reference",
            "starts_at": "decides access",
            "ends_at": "decides access",
            "dated_facts_enabled": "setting",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"membership {self.pk}"


class Seat(AuthenticRow):
    """Who represents or stands in for a service in a group, named by its lead, for dates."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(GroupMembership, on_delete=models.PROTECT, related_name="seats")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="seats")
    function = models.CharField("fonction", max_length=20, choices=SeatFunction.choices)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    named_by = models.UUIDField("désigné par (mandat)", null=True, blank=True)
    mac = RowMacField(
        "empreinte",
        label="partners.seat",
        over=("id", "membership_id", "mandate_id", "function", "starts_at", "ends_at"),
    )

    class Meta:
        verbose_name = "représentation"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "membership": "reference",
            "mandate": "reference",
            "function": "closed list",
            "starts_at": "decides access",
            "ends_at": "decides access",
            "named_by": "reference",
            "mac": "authenticity of the row",
        }

    def __str__(self) -> str:
        return f"seat {self.pk}"
