"""Every address of the site, by everybody, once; the tests then look at what came back, and at what was left behind.

The town is built and crawled once per module inside one transaction of each database, undone at the end.
"""

from __future__ import annotations

import io
import logging
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core import mail
from django.core.cache import caches
from django.db import connection, connections, models
from django.test.signals import template_rendered

from casework import audit
from casework.access.policy import ceiling
from casework.access.routes import Door, RoutePolicy, policy_of
from casework.access.viewer import Viewer
from casework.audit.models import AuditEvent
from casework.sealing import sweep
from casework.sealing.keyring import Ring
from casework.sealing.models import SealedModel
from tests.attack.hamlet import ROLES, TOKEN, Hamlet, build
from tests.casefile.pdf_text import runs
from tests.databases import let_take_its_time
from tests.people import build as cast
from tests.people import client_for

# They end the session, or answer for a purpose of their own: crawled last or not at all.
SKIPPED = {"partners:sign_out", "partners:close_sessions", "partners:lock", "partners:switch_mandate"}
STAGES = ("referred", "informed", "suspended", "ended", "archived", "redirected", "expired", "merged", "other")
# Decisions are the same on both databases: on the second one, whoever sees something is enough to try its queries.
SEEING = ("pjj", "spip", "host", "dpo", "apers_offender", "apers_victim")
FULL = ("coordinator", "pjj_lead", "mds_lead", "aemo_lead", "outreach_colleague", "mayor", "education", "stranger")


@dataclass
class Answer:
    """One answer of the site."""

    role: str
    name: str
    method: str
    url: str
    stage: str
    status: int
    headers: dict[str, str]
    cookies: str
    text: str
    opened: frozenset[tuple[str, str]]
    told: frozenset[tuple[str, str]]
    exposed: frozenset[str]
    policy: RoutePolicy | None

    @cached_property
    def folded(self) -> str:
        """Return the text without capitals, for searches."""
        return self.text.lower()

    @property
    def where(self) -> tuple[str, str, str, str, int]:
        """Return what a failing test prints."""
        return self.role, self.method, self.name, self.stage, self.status


@dataclass
class Crawl:
    """Everything that came back."""

    town: Hamlet
    answers: list[Answer] = field(default_factory=list)
    viewers: dict[str, Viewer | None] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    left: dict[str, bytes] = field(default_factory=dict)
    allowed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def of(self, **wanted: Any) -> Iterator[Answer]:
        """Yield the answers that match."""
        for answer in self.answers:
            if all(getattr(answer, key) == value for key, value in wanted.items()):
                yield answer


class Ears(logging.Handler):
    """Keep each record whole: message, arguments and everything attached."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record."""
        if not record.name.startswith(("django.db", "django.template")):
            self.heard.append(repr(vars(record)))


def walk(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield what a template could reach from a value, a few steps down."""
    yield value
    if depth > 6 or isinstance(value, str | bytes | int | float | None | models.Model):
        return
    if isinstance(value, dict):
        inner: Any = value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        inner = value
    elif isinstance(value, models.QuerySet):
        yield value.model
        inner = value
    elif is_dataclass(value):
        inner = [getattr(value, each.name) for each in fields(value)]
    else:
        return
    for each in inner:
        yield from walk(each, depth + 1)


def protected(value: Any) -> str:
    """Return the name of the model if the value is a row that holds sealed words about somebody."""
    model = value if isinstance(value, type) else type(value)
    if not (isinstance(model, type) and issubclass(model, SealedModel)):
        return ""
    about_somebody = model._meta.app_label in ("followups", "group_sessions")
    return model._meta.label if about_somebody else ""


def run(people: Any, folder: Path) -> Crawl:
    """Build the hamlet, knock at every door as everybody; return what came back."""
    let_take_its_time()
    town = build(people)
    crawl = Crawl(town)
    _rights(crawl)
    trace: set[tuple[str, str]] = set()
    seen: set[str] = set()
    opens = Ring.open

    def traced(ring: Ring, sealed: Any, record: uuid.UUID, subject: uuid.UUID, blob: bytes) -> str | None:
        trace.add((audit.subject_ref(subject), sealed.data_class))
        return opens(ring, sealed, record, subject, blob)

    sweeps = sweep.open_many

    def swept(instances: Any, *names: str) -> None:
        for row in instances:
            for name in names:
                trace.add((audit.subject_ref(row.subject_id), row._meta.get_field(name).data_class))
        sweeps(instances, *names)

    def rendered(sender: Any, context: Any, **_: Any) -> None:
        for layer in context.dicts:
            for key, value in layer.items():
                if key not in ("block", "request", "view", "user"):
                    seen.update(filter(None, map(protected, walk(value))))

    ears, root, old = Ears(crawl.logs), logging.getLogger(), tempfile.tempdir
    tempfile.tempdir = str(folder)
    level = root.level
    loggers = [root, logging.getLogger("django"), logging.getLogger("django.server")]
    for logger in loggers:
        logger.addHandler(ears)
    root.setLevel(logging.DEBUG)
    template_rendered.connect(rendered)
    Ring.open = traced  # type: ignore[method-assign]
    sweep.open_many = swept
    try:
        for role in ROLES if connection.vendor == "sqlite" else (*SEEING, *FULL):
            _knock(crawl, role, "GET", trace, seen)
        for role in FULL:  # these change the hamlet: last
            _knock(crawl, role, "POST", trace, seen)
    finally:
        Ring.open = opens  # type: ignore[method-assign]
        sweep.open_many = sweeps
        template_rendered.disconnect(rendered)
        root.setLevel(level)
        for logger in loggers:
            logger.removeHandler(ears)
        tempfile.tempdir = old
    crawl.left = dict(leftovers(folder))
    return crawl


def _knock(crawl: Crawl, role: str, method: str, trace: set[tuple[str, str]], seen: set[str]) -> None:
    client = client_for(crawl.town.people.mandates[role], raise_request_exception=False)
    agent = crawl.town.people.mandates[role].agent_id
    doors = [(name, url, view, "followed") for name, url, view in crawl.town.urls()]
    if role in FULL:
        doors += [
            (name, url, view, stage)
            for stage in STAGES
            for name, url, view in crawl.town.urls(stage=stage)
            if name in ("followups:page", "followups:circle", "followups:point", "followups:identity", "meetings:ask")
        ]
        page = next(url for name, url, _, stage in doors if name == "followups:page" and stage == "followed")
        view = next(view for name, _, view, _ in doors if name == "followups:page")
        doors += [
            ("followups:page", f"{page}?onglet={tab}", view, "followed")
            for tab in ("actions", "reunions", "famille", "documents", "consultations")
        ]
        held = crawl.town.held.pk
        doors += [
            (name, url.replace(str(crawl.town.convened.pk), str(held)), view, "held")
            for name, url, view, stage in list(doors)
            if name in ("meetings:page", "meetings:agenda", "meetings:agenda_pdf", "meetings:follow", "meetings:sheet")
        ]
    told: set[tuple[str, str]] = set()
    last = 0
    for name, url, view, stage in doors:
        if name in SKIPPED or (method == "POST" and role != "stranger" and not _may(crawl.viewers[role], view)):
            continue
        trace.clear()
        seen.clear()
        body = {} if method == "GET" else {"q": f"{TOKEN}idemfollowed", "text": TOKEN}
        response = client.generic("GET", url) if method == "GET" else client.post(url, body)
        for event in AuditEvent.objects.filter(pk__gt=last).order_by("pk"):
            last = event.pk
            if event.outcome == "ok" and (event.actor_id in (None, agent) or event.role == "system"):
                told |= {(ref.hex(), each) for ref in event.refs() for each in event.classes}
        content = b"".join(response.streaming_content) if response.streaming else response.content
        crawl.answers.append(
            Answer(
                role=role, name=name, method=method, url=url, stage=stage, status=response.status_code,
                headers=dict(response.items()), cookies=response.cookies.output(), text=text_of(content),
                opened=frozenset(trace), told=frozenset(told), exposed=frozenset(seen), policy=policy_of(view),
            )
        )  # fmt: skip


def _may(viewer: Viewer | None, view: Any) -> bool:
    """Say whether a door may open to this role. Where it never does, asking was enough: the door is before the method."""
    policy = policy_of(view)
    if viewer is None or policy is None or policy.door is not Door.MEMBER:
        return True
    return any(ceiling(viewer.role, action, data_class) for action, data_class in policy.needs)


def text_of(content: bytes) -> str:
    """Return the words of an answer, a PDF included with its metadata, and each part of a zipped document."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return " ".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    if content.startswith(b"%PDF"):
        return " ".join(run.text for run in runs(content)) + content.decode("latin-1")
    return content.decode("utf-8", "replace")


def _rights(crawl: Crawl) -> None:
    """Write down, before the crawl, which classes of which situation each person may open by decide()."""
    from casework.access.policy import Action
    from casework.errors import AccessRefused
    from casework.minors.followups import facts
    from casework.minors.followups.actions import who_knows

    town = crawl.town
    for role in ROLES:
        try:
            viewer: Viewer | None = town.viewer(role)
        except AccessRefused:
            viewer = None
        crawl.viewers[role] = viewer
        for stage, row in town.follow_ups.items():
            open_classes: set[str] = set()
            if viewer is not None:
                link = facts.relation(viewer, row, town.now)
                for action in (Action.VIEW, Action.LIST, Action.PRINT, Action.REVEAL):
                    open_classes |= {each.value for each in link.classes(viewer, town.now, action)}
                if any(q.follow_up_id == row.pk for q in who_knows.open_questions(viewer, town.now)):
                    open_classes |= {"youth_identity"}
            crawl.allowed[role, stage] = frozenset(open_classes)


def leftovers(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield everything that stays after the answers have left: tables, free pages, cache, mail, files, sessions."""
    from casework.partners.models import AgentSession

    for alias in connections:
        connection = connections[alias]
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                for number, row in enumerate(cursor.fetchall()):
                    yield f"{alias}:{table}:{number}", b"\0".join(_raw(value) for value in row)
        raw = getattr(connection.connection, "serialize", None)
        if raw is not None:
            yield f"{alias}:file", raw()
    for session in AgentSession.objects.all():
        yield f"session:{session.pk}", repr(session.get_decoded()).encode()
    for name in ("default",):
        yield f"cache:{name}", repr(getattr(caches[name], "_cache", {})).encode()
    for number, message in enumerate(mail.outbox if hasattr(mail, "outbox") else []):
        yield f"mail:{number}", message.message().as_bytes()
    for path in folder.rglob("*"):
        if path.is_file():
            yield f"file:{path.name}", path.read_bytes()


def _raw(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return str(value).encode()


__all__ = ["Answer", "Crawl", "Door", "cast", "run"]
