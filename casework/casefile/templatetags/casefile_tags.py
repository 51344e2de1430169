"""Hidden fields of our forms: once-only token, revision, draft. `{% once %}` is also a desk builtin."""

from __future__ import annotations

from uuid import UUID

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from casework.casefile import drafts, once, revision

register = template.Library()


@register.simple_tag(takes_context=True, name="once")
def once_field(context: template.Context) -> SafeString:
    """Return the hidden once-only token (R-07)."""
    return once.hidden_field(context.get("request"))


@register.simple_tag(name="revision")
def revision_field(value: int) -> SafeString:
    """Return the hidden revision of the record this form was opened on (R-06)."""
    return format_html('<input type="hidden" name="{}" value="{}">', revision.FIELD, int(value))


@register.simple_tag(takes_context=True)
def draft_for(context: template.Context, form_key: str, subject_id: UUID) -> SafeString:
    """Return the signed hidden field that seals this form's draft under the person's key."""
    signed = drafts.handle(context["request"].viewer, form_key, subject_id)
    return format_html('<input type="hidden" name="{}" value="{}">', drafts.HANDLE_FIELD, signed)
