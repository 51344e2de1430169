"""Figures of nobody."""
