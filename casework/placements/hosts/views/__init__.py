"""Pages of hosts and posts: thin."""
