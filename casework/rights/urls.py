"""Addresses of the register of violations."""

from __future__ import annotations

from casework.rights import views

app_name = "rights"
urlpatterns = views.patterns
