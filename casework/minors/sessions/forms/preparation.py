"""« Ma préparation » of one situation: clicks only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from casework.access.days import FrenchDateField
from casework.minors.followups.codes import ActionType
from casework.minors.sessions.actions.preparation import PreparationData
from casework.minors.sessions.codes import FactKind, PreparationState
from casework.minors.sessions.reads.preparation import PreparationLine

ANSWERS = [("", "—"), ("done", "fait"), ("not_done", "pas fait")]


class PreparationForm(forms.Form):
    """One line, prefixed by its id. Every state counts as done; an empty line is not an error."""

    state = forms.ChoiceField(label="Pour cette situation", choices=PreparationState.choices, required=False)
    proposes = forms.ChoiceField(label="Je propose", choices=[("", "Choisir…"), *ActionType.choices], required=False)
    fact_kind = forms.ChoiceField(label="Un fait daté", choices=[("", "Aucun"), *FactKind.choices], required=False)
    fact_on = FrenchDateField(label="Le", required=False)

    def __init__(self, data: Any = None, *, line: PreparationLine, facts_enabled: bool) -> None:
        super().__init__(data, prefix=str(line.id), initial=_initial(line))
        self.line = line
        if not facts_enabled:
            del self.fields["fact_kind"], self.fields["fact_on"]
        for decision in line.decisions:
            self.fields[f"decision-{decision.id}"] = forms.ChoiceField(
                label=decision.label, choices=ANSWERS, required=False, initial=decision.answer
            )

    @property
    def decisions(self) -> list[tuple[Any, forms.BoundField]]:
        """Return each own decision with its field."""
        return [(decision, self[f"decision-{decision.id}"]) for decision in self.line.decisions]

    @property
    def states(self) -> Sequence[tuple[str, str, str]]:
        """Return (code, label, input id) of the five states."""
        return [(code, str(label), f"id_{self.prefix}-state-{code}") for code, label in PreparationState.choices]

    @property
    def chosen(self) -> str:
        """Return the state ticked now."""
        return str(self["state"].value() or "")

    def preparation(self) -> PreparationData:
        """Return what the action takes."""
        data: Mapping[str, Any] = self.cleaned_data
        state = data["state"]
        fact_on: date | None = data.get("fact_on")
        return PreparationData(
            state=state,
            decisions={
                UUID(name.removeprefix("decision-")): value
                for name, value in data.items()
                if name.startswith("decision-") and value
            }
            if state != PreparationState.NOTHING_TO_SAY
            else {},
            proposes=data["proposes"] if state in ("", PreparationState.PROPOSES) else "",
            fact_kind=data.get("fact_kind", ""),
            fact_on=fact_on,
        )


def _initial(line: PreparationLine) -> dict[str, Any]:
    return {
        "state": line.state,
        "proposes": line.proposes,
        "fact_kind": line.fact_kind,
        "fact_on": line.fact_on,
    }
