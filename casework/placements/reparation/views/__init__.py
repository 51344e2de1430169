"""Pages of réparations: thin, one action each."""
