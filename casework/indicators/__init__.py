"""Indicators: frozen figures about nobody, the dashboard of a quarter, the yearly evaluation (design.md §3, floor 6)."""
