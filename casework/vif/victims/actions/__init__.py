"""Every write of the victim's side."""
