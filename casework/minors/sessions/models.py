"""The monthly meeting: agenda lines, preparations, attendance, reviews, minutes.

What is said of a person is sealed under that person's key; logistics under the meeting's own key.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.casefile.revision import Revised
from casework.minors.followups.models import FollowUp
from casework.minors.sessions import codes
from casework.partners.models import Mandate, Organisation, Territory, WatchGroup
from casework.sealing.fields import SealedJSON, SealedText
from casework.sealing.history import SealedHistory
from casework.sealing.models import SealedModel

_BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}


class GroupSession(SealedModel, Revised):
    """One meeting of the group (CLV-21). `subject_id` is its own id: logistics only."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="group_sessions")
    state = models.CharField("état", max_length=20, choices=codes.SessionState.choices)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin prévue")
    place = models.CharField("lieu", max_length=120)
    logistics = SealedText(
        label="minors.group_session.logistics", drawer="content", data_class="session_minutes", max_length=200
    )
    minimum_presence = models.PositiveSmallIntegerField("présence minimale", null=True, blank=True)
    formation = models.CharField("formation", max_length=20)
    convened_at = models.DateTimeField("invitations envoyées le", null=True, blank=True)
    window_ends_at = models.DateTimeField("fin de l’ouverture aux services invités", null=True, blank=True)
    opened_at = models.DateTimeField("ouverte le", null=True, blank=True)
    opened_by = models.UUIDField("ouverte par (fonction)", null=True, blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    approved_at = models.DateTimeField("relevé approuvé le", null=True, blank=True)
    current_line = models.UUIDField("ligne en cours", null=True, blank=True)
    # Polled by the members' screens: an integer, no protected data (design.md §11, « pouls »).
    pulse = models.PositiveIntegerField("pouls", default=0)
    created_by = models.UUIDField("préparée par (fonction)", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "réunion de la cellule"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["group", "starts_at"], name="session_group_start"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(state="open"),
                name="one_open_session_per_group",
                violation_error_message="Une réunion de ce groupe est déjà en cours.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")),
                name="session_ends_after_start",
                violation_error_message="L’heure de fin doit suivre l’heure de début.",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "group": "reference",
            "state": "state",
            "starts_at": "workflow date",
            "ends_at": "workflow date",
            "place": "a room, not a person",
            "minimum_presence": "rule of the group",
            "formation": "rule of the group",
            "convened_at": "decides access",
            "window_ends_at": "decides access",
            "opened_at": "workflow date",
            "opened_by": "reference",
            "closed_at": "workflow date",
            "approved_at": "decides access",
            "current_line": "reference",
            "pulse": "technical",
            "created_by": "reference",
        }

    def __str__(self) -> str:
        return f"session {self.pk}"


class SessionMember(Revised):
    """A service invited to a meeting, and whether it came. A guest without mandate blocks identity."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(GroupSession, on_delete=models.CASCADE, related_name="members")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    presence = models.CharField(
        "présence", max_length=10, choices=codes.Presence.choices, default=codes.Presence.EXPECTED
    )
    arrives_at = models.DateTimeField("arrivée prévue", null=True, blank=True)
    is_guest = models.BooleanField("invité sans fonction", default=False)

    class Meta:
        verbose_name = "service invité"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["session", "organisation"], condition=Q(is_guest=False), name="session_service_once"
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "revision": "technical",
            "session": "reference",
            "organisation": "reference",
            "mandate": "reference",
            "presence": "closed list",
            "arrives_at": "workflow date",
            "is_guest": "state",
        }

    def __str__(self) -> str:
        return f"session member {self.pk}"


class AnonymousQuestion(SealedModel, Revised):
    """A question without a name: age band, sector or none, coded (SEC-09). Sealed under the meeting's key."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    author_mandate_id = models.UUIDField("auteur (fonction)")
    content = SealedJSON(label="minors.anonymous_question.content", drawer="content", data_class="youth_card")
    advice = SealedText(
        label="minors.anonymous_question.advice", drawer="content", data_class="youth_card", max_length=30
    )
    asked_at = models.DateTimeField("posée le")

    class Meta:
        verbose_name = "question sans nom"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "group": "reference",
            "organisation": "reference",
            "author_mandate_id": "reference",
            "asked_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"question {self.pk}"


class AgendaRequest(SealedModel):
    """A service asks that a situation of its circle be put on the next agenda. No words: the circle knows why."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="agenda_requests")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_by = models.UUIDField("demandée par (fonction)")
    asked_at = models.DateTimeField("demandée le")
    taken_in = models.UUIDField("inscrite à la réunion", null=True, blank=True)

    class Meta:
        verbose_name = "demande d’inscription à l’ordre du jour"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["follow_up", "organisation"],
                condition=Q(taken_in__isnull=True),
                name="agenda_request_open_once",
                violation_error_message="Votre service a déjà demandé l’examen de cette situation.",
            )
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference",
            "territory": "reference",
            "follow_up": "reference",
            "organisation": "reference",
            "asked_by": "reference",
            "asked_at": "workflow date",
            "taken_in": "reference",
        }

    def __str__(self) -> str:
        return f"agenda request {self.pk}"


class AgendaLine(SealedModel, Revised):
    """One line of the agenda; `subject_id` is the person's, or the meeting's for a question."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(GroupSession, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField("nature", max_length=10, choices=codes.LineKind.choices, default=codes.LineKind.SITUATION)
    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.CASCADE, null=True, blank=True, related_name="agenda_lines"
    )
    question = models.ForeignKey(
        AnonymousQuestion, on_delete=models.SET_NULL, null=True, blank=True, related_name="lines"
    )
    position = models.PositiveSmallIntegerField("ordre")
    day_number = models.PositiveSmallIntegerField("numéro du jour")
    minutes = models.PositiveSmallIntegerField("minutes prévues", default=8)
    # [{"reason": "decision_late", "n": 2}, ...]: codes and counts of meetings only.
    reasons = models.JSONField("motifs d’inscription", default=list)
    state = models.CharField("état", max_length=10, choices=codes.LineState.choices, default=codes.LineState.WAITING)
    opened_at = models.DateTimeField("ouverte le", null=True, blank=True)
    spent_seconds = models.PositiveIntegerField("durée (secondes)", default=0)
    asked = models.ManyToManyField(Organisation, related_name="+", verbose_name="services demandés")
    present = models.ManyToManyField(Organisation, related_name="+", verbose_name="services présents")

    class Meta:
        verbose_name = "ligne d’ordre du jour"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["session", "follow_up"],
                condition=Q(follow_up__isnull=False),
                name="line_once_per_situation",
            ),
            models.UniqueConstraint(fields=["session", "day_number"], name="line_day_number_once"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "session": "reference",
            "kind": "closed list",
            "follow_up": "reference",
            "question": "reference",
            "position": "order",
            "day_number": "spoken number of the day",
            "minutes": "logistics",
            "reasons": "closed list and counts of meetings",
            "state": "state",
            "opened_at": "decides what the others see",
            "spent_seconds": "logistics",
            "asked": "reference",
            "present": "reference (attendance per situation)",
        }

    def __str__(self) -> str:
        return f"line {self.pk}"


class Preparation(SealedModel, Revised):
    """« Ma préparation » of one service on one line (row 4a). Hidden from all others until the line opens."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(AgendaLine, on_delete=models.CASCADE, related_name="preparations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    author_mandate_id = models.UUIDField("auteur (fonction)")
    # {"state": "nothing_new", "decisions": {"<action id>": "done"|"not_done"}, "proposes": "family_meeting",
    #  "fact": {"kind": "met_family", "on": "2026-11-12"}}: codes and dates only.
    content = SealedJSON(label="minors.preparation.content", drawer="content", data_class="youth_preparation")
    saved_at = models.DateTimeField("enregistrée le")

    class Meta:
        verbose_name = "préparation"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["line", "organisation"], name="preparation_once_per_service")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "line": "reference",
            "organisation": "reference",
            "author_mandate_id": "reference",
            "saved_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"preparation {self.pk}"


class Review(SealedModel, Revised):
    """What the meeting settled for one situation: three coded steps and what follows (CLV-23)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    line = models.OneToOneField(AgendaLine, on_delete=models.CASCADE, related_name="review")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="reviews")
    held_on = models.DateField("revue du")
    # {"step1": "active", "step2": "chained", "step3": "unchanged", "outcome": "continue"}: codes only (SIT-06).
    steps = SealedJSON(label="minors.review.steps", drawer="content", data_class="youth_review")
    review_on = models.DateField("à revoir le", null=True, blank=True)
    history = SealedHistory()

    class Meta:
        verbose_name = "revue d’une situation"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "line": "reference",
            "follow_up": "reference",
            "held_on": "workflow date",
            "review_on": "workflow date",
        }

    def __str__(self) -> str:
        return f"review {self.pk}"


class Minutes(SealedModel, Revised):
    """The relevé de décisions of one meeting: a list of sealed items (design.md §11)."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    session = models.OneToOneField(GroupSession, on_delete=models.CASCADE, related_name="minutes_record")
    state = models.CharField("état", max_length=20, choices=codes.MinutesState.choices)
    template_version = models.PositiveSmallIntegerField("version du modèle", default=1)
    submitted_at = models.DateTimeField("soumis le")
    silence_on = models.DateField("approuvé sans réponse le")
    approved_at = models.DateTimeField("approuvé le", null=True, blank=True)
    # SHA-256 over the hashes of the items, fixed at approval.
    digest = models.CharField("empreinte", max_length=64, blank=True)

    class Meta:
        verbose_name = "relevé de décisions"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = _BASE | {
            "session": "reference",
            "state": "state",
            "template_version": "technical",
            "submitted_at": "workflow date",
            "silence_on": "workflow date",
            "approved_at": "workflow date",
            "digest": "hash of sealed items",
        }

    def __str__(self) -> str:
        return f"minutes {self.pk}"


class MinutesItem(SealedModel):
    """What the minutes keep of one situation, or of one question (SIT-05). Never rewritten once approved."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="items")
    line = models.ForeignKey(AgendaLine, on_delete=models.SET_NULL, null=True, related_name="+")
    follow_up = models.ForeignKey(FollowUp, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField("ordre")
    payload = SealedJSON(label="minors.minutes_item.payload", drawer="content", data_class="session_minutes")
    # Salted hash: the salt is inside the sealed payload, so the digest tells nothing.
    item_hash = models.CharField("empreinte", max_length=64)

    class Meta:
        verbose_name = "point du relevé"
        ordering: ClassVar[list[str]] = ["position"]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference",
            "territory": "reference",
            "minutes": "reference",
            "line": "reference",
            "follow_up": "reference",
            "position": "order",
            "item_hash": "salted hash; the salt is sealed",
        }

    def __str__(self) -> str:
        return f"minutes item {self.pk}"


class MinutesAnswer(models.Model):
    """A member service approves the minutes or asks for a correction."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="answers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    mandate_id = models.UUIDField("fonction")
    answer = models.CharField("réponse", max_length=10, choices=codes.Approval.choices)
    objection = models.CharField("porte sur", max_length=20, choices=codes.ObjectionKind.choices, blank=True)
    day_number = models.PositiveSmallIntegerField("situation n°", null=True, blank=True)
    answered_at = models.DateTimeField("répondu le")

    class Meta:
        verbose_name = "réponse sur le relevé"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["minutes", "organisation"], name="minutes_answer_once")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "minutes": "reference",
            "organisation": "reference",
            "mandate_id": "reference",
            "answer": "closed list",
            "objection": "closed list",
            "day_number": "number of the day",
            "answered_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"minutes answer {self.pk}"


class MinutesAddendum(SealedModel):
    """A correction after approval: the minutes themselves never change."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="addenda")
    item = models.ForeignKey(MinutesItem, on_delete=models.CASCADE, related_name="addenda")
    objection = models.CharField("porte sur", max_length=20, choices=codes.ObjectionKind.choices)
    correction = SealedText(
        label="minors.minutes_addendum.correction",
        drawer="content",
        data_class="session_minutes",
        max_length=200,
    )
    added_at = models.DateTimeField("ajouté le")
    added_by = models.UUIDField("ajouté par (fonction)")

    class Meta:
        verbose_name = "additif au relevé"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference",
            "territory": "reference",
            "minutes": "reference",
            "item": "reference",
            "objection": "closed list",
            "added_at": "workflow date",
            "added_by": "reference",
        }

    def __str__(self) -> str:
        return f"addendum {self.pk}"
