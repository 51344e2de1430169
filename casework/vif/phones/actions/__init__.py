"""Every write about phones."""
