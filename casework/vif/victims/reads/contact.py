"""How she may be reached, in words: read before any number, on every page and paper that shows one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from casework.casefile import format as fr
from casework.vif.victims.codes import Channel


@dataclass(frozen=True, kw_only=True)
class SafeContact:
    """The rules in words, and what they lead to. `kept`: somebody keeps the number, which is then empty here."""

    rules: tuple[str, ...]
    may_call: bool
    phone: str
    email: str
    kept: bool


def words(rules: dict[str, Any]) -> tuple[str, ...]:
    """Return the rules as short sentences, the ones that protect first."""
    channels = list(rules.get("channels") or ())
    if Channel.NEVER in channels:
        return ("Ne pas la joindre : c’est elle qui appelle.",)
    said = []
    if not rules.get("voicemail"):
        said.append("Ne jamais laisser de message vocal.")
    if rules.get("code_word"):
        said.append(f"Se présenter par le mot convenu : « {rules['code_word']} ».")
    if rules.get("when"):
        said.append(f"Quand : {rules['when']}.")
    labels = [fr.label(Channel, code) for code in channels]
    if labels:
        said.append(f"Par : {', '.join(labels)}, et rien d’autre.")
    if rules.get("through"):
        said.append(f"Personne de confiance : {rules['through']}.")
    return tuple(said)


def short(rules: dict[str, Any]) -> str:
    """Return the rules in a few words, for a list."""
    channels = list(rules.get("channels") or ())
    if Channel.NEVER in channels:
        return "Ne pas la joindre : elle appelle"
    by = ", ".join(fr.label(Channel, code) for code in channels)
    return (
        f"{by[:1].upper()}{by[1:]}, {'message vocal possible' if rules.get('voicemail') else 'jamais de message vocal'}"
    )


def of(support: Any, *, kept: bool) -> SafeContact:
    """Return the rules and the number of one support, opened under the caller's gate."""
    rules, contact = support.rules or {}, support.contact or {}
    never = Channel.NEVER in (rules.get("channels") or ())
    return SafeContact(
        rules=words(rules), may_call=not never and not kept, phone="" if kept else str(contact.get("phone", "")),
        email="" if kept else str(contact.get("email", "")), kept=kept,
    )  # fmt: skip
