"""What this room gives to the other floors."""
