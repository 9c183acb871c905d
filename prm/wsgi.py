"""WSGI entry for gunicorn and the like. It does not start where that is dangerous (prm/operations)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")

application = get_wsgi_application()

from prm.operations.start import refuse_danger  # noqa: E402 - it needs models, and these need the set-up

refuse_danger()
