"""How forms look: one renderer for every form of the house.

`{{ form }}` gives, for each field, its label, its help, its widget with the classes of our
theme and its error tied by aria-describedby; optional fields say « (facultatif) ».
"""

from __future__ import annotations

from pathlib import Path

import django.forms
from django.forms.renderers import DjangoTemplates
from django.template.backends.django import DjangoTemplates as Backend
from django.utils.functional import cached_property


class CaseworkRenderer(DjangoTemplates):
    """Render forms and widgets from our templates, then Django's own.

    The desk folder comes first: templates found there replace Django's widget templates.
    """

    form_template_name = "casework/forms/form.html"
    field_template_name = "casework/forms/field.html"

    @cached_property
    def engine(self) -> Backend:
        """Return an engine that reads our templates first and knows our tag library."""
        return Backend(
            {
                "APP_DIRS": True,
                "DIRS": [
                    Path(__file__).resolve().parent / "templates",
                    Path(django.forms.__file__).resolve().parent / "templates",
                ],
                "NAME": "caseworkforms",
                "OPTIONS": {"builtins": ["casework.desk.templatetags.casework"]},
            }
        )
