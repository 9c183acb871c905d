"""Whether this process can serve: the database and the broker answer."""

from celery import current_app
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET

PATH = "/healthz"


@require_GET
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 and `{"status": "ok"}` when web, database and broker work, else 503 naming what does not."""
    parts = {"database": _database_state(), "broker": _broker_state()}
    healthy = all(state == "ok" for state in parts.values())
    body = {"status": "ok" if healthy else "failing", **parts}
    return JsonResponse(body, status=200 if healthy else 503)


def _database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # noqa: BLE001  # whatever the driver raises, the answer is the same
        return type(error).__name__
    return "ok"


def _broker_state() -> str:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
            # Opening a channel asks Redis; a connection alone does not.
            broker.maybe_close_channel(broker.channel())
    except Exception as error:  # noqa: BLE001  # each transport has errors of its own
        return type(error).__name__
    return "ok"


urlpatterns = [path(PATH.removeprefix("/"), healthz, name="healthz")]
