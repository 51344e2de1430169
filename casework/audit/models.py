"""The journal: events that only grow, the head of each log, and the index of persons.

No foreign key to anybody, no name, no value: pseudonyms and codes (LOG-05). Only `append.append` writes events
and only `purge` empties them, at their term; the database refuses the rest by triggers (`triggers.py`).
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, Self

from django.db import models
from django.db.models import Q

from casework.audit.encoding import OBJECT_TYPE_SIZE, Content, split_refs


class AppendOnly(Exception):
    """Somebody tried to change or delete the journal through the ORM."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Reads, and nothing that changes or removes rows."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("the journal is append-only")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnly("the journal is append-only")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("the journal is append-only")


class AppendOnlyModel(models.Model):
    """Rows are written in bulk by `append.append`; a row alone is never saved, changed or deleted."""

    objects: ClassVar[models.Manager[Self]] = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("the journal is append-only")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("the journal is append-only")


class AuditHead(models.Model):
    """The state of one log: how many events, the frontier of its tree, its root. Locked last and briefly."""

    log = models.CharField("journal", max_length=36, primary_key=True)
    size = models.BigIntegerField("nombre d’événements", default=0)
    frontier = models.BinaryField("frontière", default=b"")
    root = models.BinaryField("racine")

    class Meta:
        verbose_name = "tête de journal"
        verbose_name_plural = "têtes de journal"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "log": "reference of a territory",
            "size": "technical",
            "frontier": "hashes",
            "root": "hash",
        }

    def __str__(self) -> str:
        return f"{self.log} {self.size}"


class AuditEvent(AppendOnlyModel):
    """One thing done or seen (LOG-01). Field order and encoding: `encoding.Content`."""

    log = models.CharField("journal", max_length=36)
    idx = models.BigIntegerField("rang")
    v = models.PositiveSmallIntegerField("version")
    ts = models.DateTimeField("instant", null=True)
    actor_id = models.UUIDField("agent", null=True)
    org_id = models.UUIDField("organisation", null=True)
    mandate_id = models.UUIDField("fonction exercée", null=True)
    role = models.CharField("rôle", max_length=30, blank=True)
    session_ref = models.CharField("session", max_length=64, blank=True)
    act = models.CharField("acte", max_length=20)
    module = models.CharField("domaine", max_length=30, blank=True)
    object_type = models.CharField("type d’objet", max_length=OBJECT_TYPE_SIZE, blank=True)
    object_ref = models.CharField("référence de l’objet", max_length=32, blank=True)
    subject_refs = models.BinaryField("références des personnes", default=b"")
    classes = models.JSONField("classes de données", default=list)
    purpose = models.CharField("finalité", max_length=20, blank=True)
    outcome = models.CharField("résultat", max_length=20)
    why = models.CharField("motif", max_length=60, blank=True)
    n = models.IntegerField("nombre", default=0)
    request_id = models.CharField("requête", max_length=64, blank=True)
    net_prefix = models.CharField("réseau", max_length=50, blank=True)
    columns_version = models.PositiveSmallIntegerField("version des colonnes", default=0)
    state_digest = models.BinaryField("empreinte de la ligne", default=b"")
    salt = models.BinaryField("sel", null=True)
    leaf = models.BinaryField("feuille")
    root = models.BinaryField("racine")
    purged_by = models.BigIntegerField("vidé par l’événement", null=True)
    """Rank of the purge that emptied this row: then only rank, leaf and root are left (LOG-09)."""

    class Meta:
        verbose_name = "événement"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["log", "idx"], name="audit_event_log_idx"),
        ]
        indexes: ClassVar[list[Any]] = [
            # Cover rule, and how much one agent opened lately.
            models.Index(fields=["actor_id", "ts"], name="audit_event_actor_ts"),
            models.Index(fields=["object_ref"], name="audit_event_object", condition=~Q(object_ref="")),
            # The pages of the Journal, and what reaches its term.
            models.Index(fields=["log", "ts"], name="audit_event_log_ts"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "log": "reference of a territory",
            "idx": "technical",
            "v": "technical",
            "ts": "LOG-01",
            "actor_id": "staff accountability (LOG-01)",
            "org_id": "staff accountability (LOG-01)",
            "mandate_id": "staff accountability (LOG-01)",
            "role": "closed list",
            "session_ref": "pseudonym",
            "act": "closed list",
            "module": "code",
            "object_type": "code",
            "object_ref": "pseudonym (LOG-05)",
            "subject_refs": "pseudonyms (LOG-05)",
            "classes": "names of data classes, no value",
            "purpose": "closed list",
            "outcome": "code",
            "why": "code",
            "n": "a count",
            "request_id": "technical",
            "net_prefix": "/24 or /48 only",
            "columns_version": "technical",
            "state_digest": "hash of sealed bytes",
            "salt": "technical",
            "leaf": "hash",
            "root": "hash",
            "purged_by": "technical",
        }

    def __str__(self) -> str:
        return f"{self.log} {self.idx}"

    @property
    def is_empty(self) -> bool:
        """Say whether a purge emptied this row, or somebody who plays one."""
        return self.salt is None or self.ts is None or self.purged_by is not None

    def content(self) -> Content:
        """Return what the leaf commits to, as the row says it now. Raises ValueError for an emptied row."""
        if self.salt is None or self.ts is None:
            raise ValueError("this event was emptied")
        return Content(
            v=self.v,
            log=self.log,
            idx=self.idx,
            ts=self.ts,
            actor_id=self.actor_id,
            org_id=self.org_id,
            mandate_id=self.mandate_id,
            role=self.role,
            session_ref=self.session_ref,
            act=self.act,
            module=self.module,
            object_type=self.object_type,
            object_ref=self.object_ref,
            subject_refs=bytes(self.subject_refs),
            classes=self.classes,
            purpose=self.purpose,
            outcome=self.outcome,
            why=self.why,
            n=self.n,
            request_id=self.request_id,
            net_prefix=self.net_prefix,
            columns_version=self.columns_version,
            state_digest=bytes(self.state_digest),
            salt=bytes(self.salt),
        )

    def refs(self) -> frozenset[bytes]:
        """Return the references of the persons concerned."""
        return frozenset(split_refs(bytes(self.subject_refs)))


class AuditSubject(AppendOnlyModel):
    """Index from a person to the events about them: « who opened this file » without a scan."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(
        AuditEvent, on_delete=models.DO_NOTHING, related_name="subjects", verbose_name="événement"
    )
    subject_ref = models.BinaryField("référence de la personne", max_length=16)

    class Meta:
        verbose_name = "personne concernée"
        verbose_name_plural = "personnes concernées"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["subject_ref", "event"], name="audit_subject_ref"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "event": "reference",
            "subject_ref": "pseudonym (LOG-05)",
        }

    def __str__(self) -> str:
        return f"{self.event_id}"


class AuditCheckpoint(AppendOnlyModel):
    """A signed checkpoint of one log; its witness keeps the same note elsewhere (security.md §3.10)."""

    id = models.BigAutoField(primary_key=True)
    log = models.CharField("journal", max_length=36)
    size = models.BigIntegerField("nombre d’événements")
    root = models.BinaryField("racine")
    frontier = models.BinaryField("frontière", default=b"")
    note = models.TextField("note signée")
    signed_at = models.DateTimeField("signé le")
    document_ref = models.CharField("référence du document", max_length=32, blank=True)
    """Pseudonym of the document that prints it: the same one at each printing."""

    class Meta:
        verbose_name = "point de contrôle"
        verbose_name_plural = "points de contrôle"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["document_ref"], name="audit_checkpoint_document", condition=~Q(document_ref="")
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["log", "size"], name="audit_checkpoint_log")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "log": "reference of a territory",
            "size": "technical",
            "root": "hash",
            "frontier": "hashes",
            "note": "size and hash, signed",
            "signed_at": "technical",
            "document_ref": "pseudonym",
        }

    def __str__(self) -> str:
        return f"{self.log} {self.size}"


class AuditAuthority(AppendOnlyModel):
    """The standing agreement of two persons to empty a log at its term, without asking each night (design.md §11)."""

    id = models.BigAutoField(primary_key=True)
    log = models.CharField("journal", max_length=36)
    policy = models.CharField("règle de conservation", max_length=30)
    asked_by = models.UUIDField("demandée par (agent)")
    agreed_by = models.UUIDField("accordée par (agent)")
    starts_at = models.DateTimeField("à partir du")
    ends_at = models.DateTimeField("jusqu’au")
    signature = models.BinaryField("signature")

    class Meta:
        verbose_name = "autorisation de purge"
        verbose_name_plural = "autorisations de purge"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "log": "reference of a territory",
            "policy": "code",
            "asked_by": "staff accountability (LOG-01)",
            "agreed_by": "staff accountability (LOG-01)",
            "starts_at": "dates of the agreement",
            "ends_at": "dates of the agreement",
            "signature": "technical",
        }

    def __str__(self) -> str:
        return f"{self.log} {self.policy}"


class AuditAlert(AppendOnlyModel):
    """What a watch rule saw on one day: who, how many, which references. Never a name (LOG-06: security only)."""

    id = models.BigAutoField(primary_key=True)
    log = models.CharField("journal", max_length=36)
    rule = models.CharField("règle de veille", max_length=30)
    day = models.DateField("jour")
    actor_id = models.UUIDField("agent", null=True)
    org_id = models.UUIDField("organisation", null=True)
    subject_refs = models.BinaryField("références des personnes", default=b"")
    n = models.IntegerField("nombre", default=0)
    made_at = models.DateTimeField("relevé le")

    class Meta:
        verbose_name = "alerte de veille"
        verbose_name_plural = "alertes de veille"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["log", "-day"], name="audit_alert_log_day")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "log": "reference of a territory",
            "rule": "closed list",
            "day": "LOG-01",
            "actor_id": "staff accountability (LOG-01)",
            "org_id": "staff accountability (LOG-01)",
            "subject_refs": "pseudonyms (LOG-05)",
            "n": "a count",
            "made_at": "technical",
        }

    def __str__(self) -> str:
        return f"{self.rule} {self.day}"

    def refs(self) -> list[bytes]:
        """Return the references of the persons concerned, in the order of the rule."""
        return split_refs(bytes(self.subject_refs))
