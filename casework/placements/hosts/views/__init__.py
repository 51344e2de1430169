"""Pages of hosts and posts."""
