"""Every write on a meeting, one act a function: keyword-only, `by` the acting viewer, `now` passed in."""
