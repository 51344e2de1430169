"""Thin views: fetch by reads, or validate and call one action."""
