"""What an attacker would like to read: its words, its ids, one address for each route of the site."""

from __future__ import annotations

import base64
import html
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.urls import URLResolver, get_resolver, reverse

from casework.access.routes import Door, policy_of
from casework.access.viewer import Viewer
from casework.minors.followups.models import FollowUp
from casework.minors.sessions.models import GroupSession
from tests.people import People, viewer_of

TOKEN = "Zzqkanari"
# Data class -> the letters in its canaries.
ENDINGS = {
    "youth_identity": "idem",
    "youth_representatives": "parent",
    "youth_occupation": "lycee",
    "youth_referral": "saisi",
    "youth_review": "revue",
    "youth_sensitive": "besoin",
}
STAGES = (
    "referred", "more_asked", "redirected", "rejected", "informed", "followed", "suspended", "ended", "archived",
    "expired", "merged", "other",
)  # fmt: skip
SEATED = ("municipality", "pjj_service", "aemo_service", "mds_service", "outreach_service")
HOUR = timedelta(hours=1)
ROLES = (
    "coordinator", "mayor", "valideur", "dpo", "sysadmin", "pjj_lead", "pjj", "aemo_lead", "mds_lead", "outreach_lead",
    "outreach_colleague", "sah", "education", "spip", "apers_offender", "apers_victim", "host", "national_police",
    "municipal_police", "prosecutor", "ended", "unsigned", "not_yet", "stranger",
)  # fmt: skip
# Routes whose `pk` is neither a situation nor a meeting.
PRIMARY = {
    "followups:referral": "referral", "followups:sort": "referral", "followups:complete": "referral",
    "followups:duplicate": "duplicate", "followups:mayor_page": "disclosure", "followups:mayor_pdf": "disclosure",
    "followups:mayor_opinion": "disclosure", "followups:mayor_send": "disclosure",
    "followups:mayor_acknowledge": "disclosure", "followups:mayor_close": "disclosure",
    "followups:action_done": "action_id", "followups:action_postpone": "action_id",
    "followups:revoke_link": "link", "followups:import_batch": "batch", "followups:import_correct": "batch",
    "followups:import_carry_out": "batch", "followups:import_sign": "batch", "followups:import_discard": "batch",
    "followups:import_refused": "batch",
    "directory:service": "organisation", "directory:change_service": "organisation",
    "directory:invite": "organisation", "directory:function": "mandate", "directory:renew": "mandate",
    "directory:end": "mandate", "directory:hand_over": "mandate", "casefile:rename_item": "item",
    "casefile:change_item": "item", "casefile:delete_school_holiday": "item",
    "tig:page": "placement", "tig:find_post": "placement", "tig:act": "placement", "tig:paper": "placement",
    "tig:report": "placement", "tig:withdraw_call": "call", "tig:copy": "placement",
    "tig:without_place": "placement",
    "tig:answer": "proposal", "tig:tap": "tig_half_day", "tig:remove_half_day": "tig_half_day", "tig:sheet": "tig_post",
    "tig:week_paper": "tig_post", "tig:join_sheet": "placement", "tig:sheet_file": "tig_file",
    "tig:withdraw_sheet": "tig_file", "tig:incident": "incident", "tig:declared": "incident",
    "hosts:post_sheet": "post", "hosts:post": "post", "hosts:post_edit": "post", "hosts:post_week": "post", "hosts:post_managers": "post",
    "hosts:post_act": "post", "hosts:out_of_use": "post", "hosts:out_of_use_end": "post", "hosts:host": "host",
    "hosts:host_edit": "host", "hosts:host_step": "host", "hosts:host_act": "host", "hosts:post_new": "host", "hosts:supervisor_new": "host",
    "hosts:accreditation_new": "host", "hosts:training_new": "supervisor", "hosts:supervisor_end": "supervisor",
    "hosts:supervisor_phone": "supervisor", "hosts:note_new": "host", "hosts:note_remove": "note",
    "hosts:accreditation_act": "accreditation", "hosts:legal_replace": "legal",
    "returns:sheet": "return_sheet", "returns:sign": "return_sheet", "returns:correct": "return_sheet",
    "returns:paper": "return_sheet", "returns:question": "return_watch",
    "quarters:contributor": "contributor", "quarters:contributor_end": "contributor", "quarters:enter": "asking",
    "quarters:send_again": "asking",
    "reparation:presence": "reparation_session", "reparation:cancel": "reparation_session",
    "reparation:victim_answer": "victim", "reparation:file": "reparation_file", "reparation:file_withdraw": "reparation_file",
    "reparation:host_answer": "reparation_request",
    "phones:signal": "support", "phones:device": "phone_device", "phones:serial": "phone_device", "phones:say": "phone_device",
    "phones:device_certificate": "phone_device", "phones:model_preview": "sheet_template",
    "phones:join": "decision", "phones:document": "phone_paper", "phones:document_withdraw": "phone_paper",
    "exclusion_support:wait_no_more": "need", "exclusion_support:answer": "pupil_asked",
    "exclusion_support:presence": "pupil_half_day", "exclusion_support:activity_switch": "activity",
    "exclusion_support:file": "pupil_file", "exclusion_support:file_withdraw": "pupil_file",
    **dict.fromkeys(
        (f"exclusion_support:convention{part}" for part in ("", "_paper", "_confirmer", "_retirer", "_contacts", "_denoncer", "_document")),
        "convention",
    ),
    "exclusion_support:work_tick": "school_work", "exclusion_support:work_take_back": "school_work",
    "victims:place": "place", "victims:place_remove": "place", "victims:order": "order",
    "victims:part_ordonnances": "order", "victims:part_transmise": "telling", "victims:part_repondu": "telling",
    "victims:part_rendez_vous": "meeting_with_her", "victims:part_orientations": "orientation",
    "measures:outcome": "measure_appointment", "measures:cancel": "measure_appointment",
    "measures:template": "report_template", "measures:template_preview": "report_template",
    "measures:document": "measure_paper", "measures:document_withdraw": "measure_paper",
    "measures:course": "measure_course", "measures:lodging": "measure_lodging",
    **dict.fromkeys(
        (f"measures:{name}" for name in ("report", "ask_reading", "read_over", "take_back", "transmit", "answer", "add", "paper", "text", "join_receipt")),
        "measure_report",
    ),
}  # fmt: skip


def canary(data_class: str, name: str = "") -> str:
    """Return the text put in the sealed fields of one class."""
    return f"{TOKEN}{ENDINGS[data_class]}{name}"


def needles(word: str = TOKEN) -> list[bytes]:
    """Return every way `word` may lie about in a file: encodings, cases, hexadecimal, base64 at three alignments."""
    found: set[bytes] = set()
    for text in (word, word.lower(), word.upper()):
        raw = text.encode()
        found |= {raw, text.encode("utf-16-le"), text.encode("utf-16-be"), html.escape(text).encode()}
        found |= {raw.hex().encode(), raw.hex().upper().encode(), urllib.parse.quote(text).encode()}
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + raw)
            found.add(coded[4 if shift else 0 : -4])
    return sorted(needle for needle in found if len(needle) >= 8)


@dataclass
class Hamlet:
    """What was built."""

    people: People
    now: datetime
    follow_ups: dict[str, FollowUp] = field(default_factory=dict)
    convened: GroupSession = field(init=False)
    held: GroupSession = field(init=False)
    ids: dict[str, Any] = field(default_factory=dict)
    token: str = ""

    def viewer(self, key: str, now: datetime | None = None) -> Viewer:
        """Return one of the cast."""
        return viewer_of(self.people.mandates[key], now=now or self.now)

    def kwargs(self, name: str, parts: Any, stage: str = "followed") -> dict[str, Any]:
        """Return ids that exist for a route called `name`."""
        words = {
            "act": "suspendre", "form_key": "refer:new", "token": self.token, "name": "incident", "kind": "releve",
            "track": "alternative", "frame": "supervision", "key": "measures_kind", "suffix": "csv", "code": "cellule",
        }  # fmt: skip
        return {
            part: self.pk(name, stage) if part == "pk" else words[part] if part in words else self.ids[part]
            for part in parts
        }

    def pk(self, name: str, stage: str = "followed") -> Any:
        """Return the id of the object that a route is about."""
        if name.startswith("meetings:") and name != "meetings:ask":
            return self.held.pk if name.startswith(("meetings:minutes", "meetings:attendance")) else self.convened.pk
        if name in ("endings:page", "endings:act"):
            return self.follow_ups[stage].subject_id
        for space, key in (
            ("reparation:", "reparation"),
            ("victims:", "support"),
            ("measures:", "measure"),
            ("phones:", "phone"),
            ("exclusion_support:", "pupil"),
            ("quarters:", "quarter"),
            ("releases:", "release"),
            ("evaluation:", "evaluation"),
        ):
            if name.startswith(space) and name not in PRIMARY:
                return self.ids[key]
        return self.ids[PRIMARY[name]] if name in PRIMARY else self.follow_ups[stage].pk

    def urls(self, *, stage: str = "followed") -> Iterator[tuple[str, str, Any]]:
        """Yield (route name, address, view) for every route of the site."""
        for name, pattern in named_routes():
            yield name, reverse(name, kwargs=self.kwargs(name, pattern.pattern.converters, stage)), pattern.callback


def named_routes() -> Iterator[tuple[str, Any]]:
    """Yield (« namespace:name », pattern) for every route."""

    def walk(entries: Any, space: str) -> Iterator[tuple[str, Any]]:
        for entry in entries:
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, f"{entry.namespace}:" if entry.namespace else space)
            else:
                yield f"{space}{entry.name}", entry

    yield from walk(get_resolver().url_patterns, "")


def object_routes() -> list[tuple[str, Any]]:
    """Return the routes behind the member door that carry a uuid."""
    return [
        (name, pattern)
        for name, pattern in named_routes()
        if "pk" in pattern.pattern.converters and getattr(policy_of(pattern.callback), "door", None) is Door.MEMBER
    ]
