"""The pages about phones."""
