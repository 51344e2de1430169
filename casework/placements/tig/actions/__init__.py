"""Every write on a placement, by what people do: ask, propose, decide, plan, record, report, stop, end."""
