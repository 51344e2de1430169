"""Addresses of exclusion support: each module of views names its own."""

from __future__ import annotations

from django.urls import URLPattern

<<<<<<< HEAD
from casework.exclusions.views import (
    figures,
    lists,
    page,
    school,
)
=======
from casework.exclusions.views import house, lists, page, school, week
>>>>>>> a872157 (exclusions: the week of a host, its answers, what it announces)

app_name = "exclusion_support"
urlpatterns: list[URLPattern] = [
    *figures.patterns,
    *lists.patterns,
<<<<<<< HEAD
=======
    *week.patterns,
    *house.patterns,
    *page.patterns,
>>>>>>> a872157 (exclusions: the week of a host, its answers, what it announces)
    *school.patterns,
    *page.patterns,
]
