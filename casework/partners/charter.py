"""A model charter to start from; each CLSPD adopts its own (domain.md §1.5). Not the national text."""

from __future__ import annotations

from pathlib import Path

MODEL_TEXT = (Path(__file__).resolve().parent / "charter_model.txt").read_text(encoding="utf-8")
