"""Every write on hosts, accreditations, posts and places."""
