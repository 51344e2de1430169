"""Meetings: views, one file per part."""
