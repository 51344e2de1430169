"""The dashboard of a quarter."""
