"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# Models are loaded now. A restored copy that brings an erased person back is not served (RET-08).
from casework.casefile.erased import at_start  # noqa: E402

at_start()

# gunicorn runs no check by itself.
from config.checks import at_start as refuse_on_a_doubt  # noqa: E402

refuse_on_a_doubt()
