"""Asking for the counts of a quarter: opened, sent, answered by the link or typed, reminded (ADR 77).

A link serves once, for one contributor and one quarter; only the hash of its token is kept. The message names nobody.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Purpose, Writing
from casework.casefile import format as fr
from casework.casefile import mailer, revision
from casework.errors import GuardRefused, InputRefused
from casework.indicators.quarters import codes, counts, facts, periods
from casework.indicators.quarters.counts import Counts
from casework.indicators.quarters.models import Asking, Contributor, Quarter
from casework.indicators.quarters.periods import Period
from casework.partners.models import Territory
from casework.sealing import keys, sweep

TOKEN_BYTES = 32
ANSWER_DAYS = 30
"""How long a link lives, from the day after the quarter or from the day it was asked, the later one."""
REMINDED_AFTER = (10, 20)
"""Days after which a silent contributor is reminded."""
AGAIN_DAYS = 10
OLDEST = 12
"""Quarters back that may still be opened: three years."""
CLASSES = [DataClass.EVALUATION]


def hash_of(token: str) -> str:
    """Return what the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def counted_from(asking: Asking) -> date:
    """Return the day from which the days of an answer are counted."""
    return asking.answer_by - timedelta(days=ANSWER_DAYS)


# Opening and sending


def open_quarter(*, by: Viewer, period: Period, now: datetime) -> Quarter:
    """Open a quarter, this one or one of the past, and send each contributor its link.

    Raises AccessRefused, InputRefused (to come, too old), GuardRefused (open already).
    """
    facts.require_keeper(by, now)
    today = localdate(now)
    running = periods.of(today)
    if period > running:
        raise InputRefused("Ce trimestre n’est pas commencé.", field="period")
    if period < running.back(OLDEST):
        raise InputRefused("Ce trimestre est trop ancien.", field="period")
    if Quarter.objects.filter(territory_id=by.territory_id, year=period.year, number=period.number).exists():
        raise GuardRefused("Ce trimestre est déjà ouvert.")
    contributors = list(Contributor.objects.filter(territory_id=by.territory_id, ended_on=None))
    found = addresses(by, contributors)
    pk = uuid.uuid4()
    keys.ensure(pk)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        quarter = Quarter(
            id=pk, subject_id=pk, territory_id=by.territory_id, year=period.year, number=period.number,
            sectors=Territory.objects.values_list("sectors", flat=True).get(pk=by.territory_id), opened_at=now,
            opened_by=by.mandate_id, words={},
        )  # fmt: skip
        quarter.save(force_insert=True)
        w.note(Act.CREATE, quarter, classes=CLASSES)
        for contributor in contributors:
            _ask(w, quarter, contributor, found[contributor.pk], now)
    return quarter


def ask_newcomers(*, by: Viewer, quarter: Quarter, now: datetime) -> int:
    """Ask the contributors added since the quarter was opened; return how many. Raises AccessRefused."""
    facts.require_keeper(by, now)
    contributors = list(newcomers(quarter))
    found = addresses(by, contributors)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        row = _unpublished(quarter.pk)
        for contributor in contributors:
            _ask(w, row, contributor, found[contributor.pk], now)
    return len(contributors)


def newcomers(quarter: Quarter) -> QuerySet[Contributor]:
    """Return the contributors of the list who were asked nothing for this quarter."""
    return Contributor.objects.filter(territory_id=quarter.territory_id, ended_on=None).exclude(
        askings__quarter=quarter
    )


def _ask(w: Writing, quarter: Quarter, contributor: Contributor, address: str, now: datetime) -> None:
    today = localdate(now)
    start = max(today, quarter.period.last + timedelta(days=1))
    row = Asking(
        subject_id=quarter.subject_id, territory_id=quarter.territory_id, quarter=quarter, contributor=contributor,
        indicators=contributor.indicators, asked_on=today, answer_by=start + timedelta(days=ANSWER_DAYS),
    )  # fmt: skip
    if address:
        _send(row, quarter.period, to=address, now=now)
    row.save(force_insert=True)
    w.note(Act.CREATE, row, classes=CLASSES)


def addresses(
    by: Actor, contributors: Iterable[Contributor], purpose: Purpose = Purpose.REVIEW
) -> dict[uuid.UUID, str]:
    """Return the address of each contributor, "" for one without."""
    rows = list(contributors)
    if not rows:
        return {}
    with audit.reading(
        by, subjects=[row.subject_id for row in rows], classes=CLASSES, purpose=purpose, module="indicators",
        act=Act.SYSTEM if purpose == Purpose.SYSTEM else Act.VIEW, object_type="quarters.contributor",
    ):  # fmt: skip
        sweep.open_many(rows, "email")
        return {row.pk: row.email or "" for row in rows}


def _send(row: Asking, period: Period, *, to: str, now: datetime) -> None:
    """Give an unsaved row a fresh link and mail it, in the transaction of the act; an earlier link dies."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row.token_hash = hash_of(token)
    url = settings.BASE_URL.rstrip("/") + reverse("quarters:counts_link", args=[token])
    mailer.queue(
        to=to, subject=f"Chiffres du {period.label} pour le CLSPD", now=now,
        body=(
            f"Bonjour,\n\nLa coordination du CLSPD prépare le tableau de bord du {period.label}. Merci d’y porter vos "
            f"nombres, par secteur, avant le {fr.long_date(row.answer_by)} : cinq minutes, sans compte.\n\n{url}\n\n"
            "Ce lien sert une seule fois. Ne le transférez pas hors de votre service. Des nombres de faits seulement : "
            "aucune personne.\n"
        ),
    )  # fmt: skip


def send_again(*, by: Viewer, asking: Asking, now: datetime) -> None:
    """Send a silent contributor a new link, ten days at least to answer; the one before dies.

    Raises AccessRefused, GuardRefused (answered, published, without address).
    """
    facts.require_keeper(by, now)
    address = addresses(by, [asking.contributor]).get(asking.contributor_id, "")
    if not address:
        raise GuardRefused("Ce contributeur n’a pas d’adresse : appelez-le, puis saisissez ses chiffres.")
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        _unpublished(asking.quarter_id)
        row = _silent(asking.pk)
        row.answer_by = max(row.answer_by, localdate(now) + timedelta(days=AGAIN_DAYS))
        _send(row, asking.quarter.period, to=address, now=now)
        revision.save(row)
        w.note(Act.CHANGE, row, classes=CLASSES, why="reminder")


def remind(now: datetime) -> int:
    """Send silent contributors a new link, ten then twenty days after they could answer. Daily; return how many."""
    today = localdate(now)
    waiting = Asking.objects.filter(
        answered_at=None, quarter__published_at=None, contributor__ended_on=None, reminders__lt=len(REMINDED_AFTER),
        answer_by__gte=today,
    ).exclude(token_hash="")  # fmt: skip
    told = 0
    mailer.prepare()
    for asking in waiting.select_related("quarter", "contributor").order_by("answer_by", "pk"):
        days = (today - counted_from(asking)).days
        owed = sum(days >= each for each in REMINDED_AFTER)
        if owed <= asking.reminders:
            continue
        by = audit.system_actor(asking.territory_id)
        address = addresses(by, [asking.contributor], Purpose.SYSTEM)[asking.contributor_id]
        with audit.writing(by, now=now) as w:
            row = Asking.objects.select_for_update(of=("self",)).get(pk=asking.pk)
            if row.answered_at is not None or not address:
                continue
            row.reminders = owed
            _send(row, asking.quarter.period, to=address, now=now)
            revision.save(row)
            w.note(Act.SYSTEM, row, why="reminder")
        told += 1
    return told


# Answering


def find(token: str, now: datetime) -> Asking | None:
    """Return what a link asks, answered or still open; None once it died, whatever the reason."""
    rows = Asking.objects.select_related("quarter", "contributor", "territory").filter(token_hash=hash_of(token))
    row = rows.first()
    if row is None or (row.answered_at is None and not _is_open(row, now)):
        return None
    return row


def _is_open(row: Asking, now: datetime) -> bool:
    """Say whether a link still serves: in time, not published, the contributor on the list."""
    return (
        row.answer_by >= localdate(now)
        and row.quarter.published_at is None
        and row.contributor.ended_on is None
    )  # fmt: skip


def answer_by_link(
    *, asking: Asking, answer: Counts, remark: str, now: datetime, request_id: str = "", net_prefix: str = ""
) -> None:
    """Write the counts of a contributor, once. Raises GuardRefused (answered, published, late), InputRefused."""
    actor = replace(
        audit.system_actor(asking.territory_id), organisation_id=asking.contributor.organisation_id,
        request_id=request_id, net_prefix=net_prefix,
    )  # fmt: skip
    _check(asking, answer, remark)
    with audit.writing(actor, now=now) as w:
        quarter = _unpublished(asking.quarter_id)
        row = _silent(asking.pk)
        row.quarter, row.contributor = quarter, Contributor.objects.get(pk=row.contributor_id)
        # Another link may have been sent, or the address changed, while the form was being written.
        if row.token_hash != asking.token_hash or not _is_open(row, now):
            raise GuardRefused("Ce lien n’est plus valable : appelez la coordination.")
        revision.save(row, answered_at=now, counts=answer, remark=remark)
        w.note(Act.CHANGE, row, classes=CLASSES, why="answered")


def enter(*, by: Viewer, asking: Asking, answer: Counts, remark: str, expected: int | None, now: datetime) -> None:
    """Type the counts received by telephone, also in place of those of the link. They are marked as typed here.

    Raises AccessRefused, InputRefused, GuardRefused (published), ConflictRefused.
    """
    facts.require_keeper(by, now)
    _check(asking, answer, remark)
    with audit.writing(by, now=now) as w:
        _unpublished(asking.quarter_id)
        row = revision.lock(Asking.objects.filter(territory_id=by.territory_id), asking.pk, expected)
        revision.save(row, answered_at=now, entered_by=by.mandate_id, counts=answer, remark=remark)
        w.note(Act.CHANGE, row, classes=CLASSES, why="phone")


def _check(asking: Asking, answer: Counts, remark: str) -> None:
    if remark and remark not in codes.Remark.values:
        raise InputRefused("Choisissez une remarque de la liste.", field="remark")
    counts.check(answer, asked=asking.indicators, sectors=asking.quarter.sectors)


def _unpublished(pk: uuid.UUID) -> Quarter:
    """Return a quarter under lock: counts and publication follow one another. Raises GuardRefused."""
    row = Quarter.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.published_at is not None:
        raise GuardRefused("Le tableau de bord de ce trimestre est publié : il ne change plus.")
    return row


def _silent(pk: uuid.UUID) -> Asking:
    row = Asking.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.answered_at is not None:
        raise GuardRefused("Ces chiffres ont déjà été envoyés.")
    return row
