"""Every write of a measure."""
