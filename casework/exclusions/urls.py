"""Addresses of exclusion support."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "exclusion_support"
urlpatterns: list[URLPattern] = []
