"""Meetings: reads, one file per part."""
