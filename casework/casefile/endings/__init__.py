"""How a record ends before or after its term: erased early, at two, or kept because somebody must (design.md §11)."""
