"""A small server for the kit's pages: real settings, real static files, no database."""

import threading
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from unittest import mock
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from tests.ui import kit

OWN_TEMPLATES = Path(__file__).parent / "templates"
# What needs a session or the database; the kit's views dress their requests themselves.
LEFT_OUT = ("sessions", "auth", "account", "messages", "tenancy", "accounts", "axes", "whitenoise")


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def kit_templates(settings):
    return [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], OWN_TEMPLATES]}]


@contextmanager
def kit_settings(settings):
    """The project's settings with the kit's pages in the place of the apps'."""
    templates = kit_templates(settings)
    middleware = [name for name in settings.MIDDLEWARE if not any(part in name for part in LEFT_OUT)]
    changed = override_settings(
        ROOT_URLCONF="tests.ui.kit", MIDDLEWARE=middleware, TEMPLATES=templates, ALLOWED_HOSTS=["*"]
    )
    databases = {**settings.DATABASES["default"], "ATOMIC_REQUESTS": False}
    with (
        changed,
        mock.patch("prm.ui.navigation.registered", kit.registered),
        mock.patch.dict("django.db.connections.databases", {"default": databases}),
    ):
        from django.db import connections

        with mock.patch.dict(connections["default"].settings_dict, {"ATOMIC_REQUESTS": False}):
            yield


@contextmanager
def serving(port=0):
    """Serve in a thread; gives the base address."""
    server = make_server("127.0.0.1", port, StaticFilesHandler(WSGIHandler()), Server, Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
