"""What screens need of hosts, posts and places."""
