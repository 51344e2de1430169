"""Pages of exclusion support."""
