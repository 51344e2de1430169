"""Sign-in, second factor, invitation, lock, one's own account: the screens of partners' accounts."""
