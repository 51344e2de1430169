"""Every write on a situation, one act a function: keyword-only, `by` the acting viewer, `now` passed in.

Two phases (design.md §5): first decide() and the read gate, then one `audit.writing` for rows, history,
audit and grants. Keys are made before the second phase.
"""
