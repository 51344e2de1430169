"""Addresses of exclusion support: each module of views names its own."""

from __future__ import annotations

from django.urls import URLPattern

from casework.exclusions.views import conventions, house, lists, page, school, week

app_name = "exclusion_support"
urlpatterns: list[URLPattern] = [
    *conventions.patterns,
    *lists.patterns,
    *week.patterns,
    *house.patterns,
    *school.patterns,
    *page.patterns,
]
