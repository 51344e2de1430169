"""Pages of exclusion support: thin, one action each."""
