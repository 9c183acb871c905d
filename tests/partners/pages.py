"""What tests of pages of partners share: a tenant at a moment, addresses, a partner who stands."""

from datetime import UTC, date, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.standing import service as standing_service
from tests.partners.factories import make_months, make_partner

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
NOV = date(2026, 11, 1)
REASON = "One strong month is not a trend yet."
HTMX = {"HX-Request": "true"}
STAFF_PAGES = ["partners/", "partners/add/", "partners/export/", "partners/{pk}/", "partners/{pk}/edit/"]
MANAGER_PAGES = ["tier-review/", "tier-review/{pk}/hold/", "tier-review/{pk}/override/"]


def stand(partner, revenues=(700,) * 12):
    make_months(partner, NOV, revenues, orders=2)
    standing_service.recompute_standings([partner.pk])
    partner.refresh_from_db()
    return partner


def url(path=""):
    return f"/t/mercy/{path}"


def page(client, path, status=200, **kwargs):
    response = client.get(url(path), **kwargs)
    content = b"".join(response) if response.streaming else response.content
    assert response.status_code == status, content[:500]
    return content.decode()


def queries_of(client, path):
    """How many queries a page takes; the first call warms what is kept per session."""
    page(client, path)
    with CaptureQueriesContext(connection) as queries:
        page(client, path)
    return len(queries)


def make_rising(name="Dr. Whitfield"):
    partner = make_partner(name)
    make_months(partner, date(2026, 3, 1), [300] * 3)
    standing_service.recompute_standings([partner.pk], as_of=date(2026, 3, 31))
    return stand(partner, (2000,) * 6)
