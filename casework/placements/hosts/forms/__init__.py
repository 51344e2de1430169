"""What forms of hosts and posts accept."""
