"""What the screens of the victim's side need."""
