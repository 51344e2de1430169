"""What pages about phones read."""
