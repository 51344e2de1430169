"""Forms of placements: one per act, in the words of those who fill them in."""
