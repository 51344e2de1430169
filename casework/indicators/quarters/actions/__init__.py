"""Acts on the dashboard of a quarter."""
