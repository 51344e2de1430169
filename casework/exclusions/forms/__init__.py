"""What the forms of exclusion support accept: the school's, the host's."""
