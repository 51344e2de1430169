"""The pages of the victim's side."""
