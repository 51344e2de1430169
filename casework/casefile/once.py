"""Double submit is one action (R-07): double click, refresh, back, two tabs, retry after a lost answer.

Each form carries a random token (`{% once %}`). The token's hash is inserted as the first statement of the
act's own transaction, through audit's `before_write` hook: act and token are both committed, or neither.
"""

from __future__ import annotations

import hmac
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_htmx.http import HttpResponseClientRedirect

from casework import audit
from casework.casefile.models import Draft, OnceToken
from casework.errors import AlreadyDone, InputRefused, Refused

FIELD = "once"
KEEP = timedelta(days=7)
# An autosave that left the browser before the form did may arrive after it; later ones are new words.
LATE_AUTOSAVE = timedelta(seconds=10)
# Shown when the act was carried out but its answer was lost before it could be stored.
LOST_ANSWER_URL = "/"
# What is not typed by a person, and so does not make two submits different.
_NOT_TYPED = frozenset({FIELD, "csrfmiddlewaretoken"})


@dataclass
class _Pending:
    """The token of the request being carried out."""

    token_hash: str
    form_hash: str
    mandate_id: uuid.UUID | None
    fingerprint: str
    result: str
    now: datetime
    draft: str


def hidden_field(request: HttpRequest | None = None) -> SafeString:
    """Return the hidden field of a form, with a fresh token."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid.uuid4())


def run(request: HttpRequest, act: Callable[[], object], *, to: str = "", draft: str = "") -> HttpResponse:
    """Carry out `act` once for the token of this form, then redirect; a second submit gets the same redirect.

    `act` calls one action and returns the path to go to; anything but a text means `to`. Give `to` when the
    path is known beforehand (ids are made before the insert): it is then stored in the act's transaction, and
    the answer survives a crash just after it. `draft`: key of the draft that this form replaces, deleted in
    the same transaction. Refusals of `act` pass through, and leave the token free for another try.
    The same token with other content is not carried out and not lost: a page (409) asks.

    Raises InputRefused when the token is missing: the form's template forgot `{% once %}`.
    """
    pending = _pending(request, to, draft)
    if (done := _stored(pending)) is not None:
        return _answer_again(request, pending, done)
    try:
        with audit.before_write(lambda: _take(pending)):
            returned = act()
    except AlreadyDone:
        return _answer_again(request, pending, _stored(pending))
    except Refused:
        # The first submit may have been committed while this one was being decided.
        if (done := _stored(pending)) is None:
            raise
        return _answer_again(request, pending, done)
    result = (returned if isinstance(returned, str) else to) or LOST_ANSWER_URL
    _store_result(pending, result)
    _drop_draft(pending)  # begun by an autosave while the act was being committed
    return _redirect(request, result)


def answered(request: HttpRequest) -> HttpResponse | None:
    """Return what the form of this request was answered the first time, None if it was not carried out yet.

    One query for a form with a token, none for anything else. It leads to a page, which asks again who may see it.
    """
    if request.method != "POST" or FIELD not in request.POST:
        return None
    try:
        pending = _pending(request, "", "")
    except InputRefused:
        return None  # a broken token is told by the view
    done = _stored(pending)
    return None if done is None else _answer_again(request, pending, done)


def _take(pending: _Pending) -> None:
    """Insert the token, first statement of the act's transaction. Raises AlreadyDone if it is taken."""
    try:
        with transaction.atomic():
            _token(pending).save(force_insert=True)
    except IntegrityError:
        raise AlreadyDone from None
    _drop_draft(pending)


def _drop_draft(pending: _Pending) -> None:
    if pending.draft and pending.mandate_id is not None:
        Draft.objects.filter(mandate_id=pending.mandate_id, form_key=pending.draft).delete()


def just_sent(mandate_id: uuid.UUID | None, token: str, now: datetime) -> bool:
    """Say whether the form of this token was carried out a moment ago: its late autosave brings no draft back."""
    recent = OnceToken.objects.filter(created_at__gt=now - LATE_AUTOSAVE)
    return bool(token) and recent.filter(form_hash=_form_hash(mandate_id, token)).exists()


def purge(now: datetime) -> int:
    """Delete tokens older than a week; return how many."""
    return OnceToken.objects.filter(created_at__lt=now - KEEP).delete()[0]


def _pending(request: HttpRequest, to: str, draft: str) -> _Pending:
    try:
        token = uuid.UUID(str(request.POST[FIELD]))
    except (KeyError, ValueError):
        raise InputRefused("Le formulaire est incomplet : rechargez la page et recommencez.") from None
    viewer = getattr(request, "viewer", None)
    mandate_id = getattr(viewer, "mandate_id", None)
    # The hash names mandate and page: nobody gets the answer of somebody else's form.
    owner = f"{mandate_id or ''}|{request.path}|{token}"
    return _Pending(
        token_hash=sha256(owner.encode()).hexdigest(),
        form_hash=_form_hash(mandate_id, str(token)),
        mandate_id=mandate_id,
        fingerprint=_fingerprint(token, request.POST.lists()),
        result=to,
        now=getattr(request, "now", None) or timezone.now(),
        draft=draft,
    )


def _form_hash(mandate_id: uuid.UUID | None, token: str) -> str:
    return sha256(f"{mandate_id or ''}||{token}".encode()).hexdigest()


def _fingerprint(token: uuid.UUID, fields: Iterable[tuple[str, list[Any]]]) -> str:
    """Return a MAC of what was typed, under the random token; the token itself is never stored."""
    mac = hmac.new(token.bytes, digestmod=sha256)
    for name, values in sorted(fields):
        if name not in _NOT_TYPED:
            for part in (name, *map(str, values)):
                encoded = part.encode()
                mac.update(len(encoded).to_bytes(8, "big") + encoded)
    return mac.hexdigest()


def _stored(pending: _Pending) -> OnceToken | None:
    return OnceToken.objects.filter(token_hash=pending.token_hash).first()


def _token(pending: _Pending) -> OnceToken:
    return OnceToken(
        token_hash=pending.token_hash,
        form_hash=pending.form_hash,
        mandate_id=pending.mandate_id,
        fingerprint=pending.fingerprint,
        result=pending.result,
        created_at=pending.now,
    )


def _store_result(pending: _Pending, result: str) -> None:
    """Keep the answer; an act that wrote nothing took no token, its answer is kept all the same."""
    done = _stored(pending)
    if done is None:
        pending.result = result
        _take(pending)
    elif done.result != result:
        OnceToken.objects.filter(pk=done.pk).update(result=result)


def _answer_again(request: HttpRequest, pending: _Pending, done: OnceToken | None) -> HttpResponse:
    for _ in range(20):
        if done is None or done.result:
            break
        time.sleep(0.05)  # the first submit is committed, its answer is being stored
        done = _stored(pending)
    result = done.result if done and done.result else LOST_ANSWER_URL
    if done is not None and not hmac.compare_digest(done.fingerprint, pending.fingerprint):
        return _ask_about_other_content(request, result)
    return _redirect(request, result)


def _ask_about_other_content(request: HttpRequest, result: str) -> HttpResponse:
    """Same form, other words: keep them, say so, let the person send them as a new act."""
    kept = [(name, value) for name, values in request.POST.lists() if name not in _NOT_TYPED for value in values]
    # What reads as words; codes and ids mean nothing to the person.
    shown = [value for _, value in kept if " " in value.strip()]
    context = {"kept": kept, "shown": shown, "result": result}
    return render(request, "casefile/already_done.html", context, status=409)


def _redirect(request: HttpRequest, result: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(result)
    return HttpResponseRedirect(result)
