"""Meetings: forms, one file per part."""
