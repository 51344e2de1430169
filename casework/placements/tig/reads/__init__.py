"""What screens need of placements, as frozen dataclasses."""
