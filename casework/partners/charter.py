"""Model charters to start from; each CLSPD, each ressort adopts its own (domain.md §1.5). Not the national text."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
MODEL_TEXT = (HERE / "charter_model.txt").read_text(encoding="utf-8")
RESSORT_TEXT = (HERE / "charter_ressort.txt").read_text(encoding="utf-8")
