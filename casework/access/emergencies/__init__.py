"""Break-glass: one record, thirty minutes, to look, in front of witnesses (security.md §3.13, ACL-09)."""
