"""Writes of exclusion support: one act, one function, under audit."""
