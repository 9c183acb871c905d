"""Connects the demo tenants to the sandbox org that `make demo` starts, starts them, and sends everything once.

`PRM_SANDBOX_READY` names the JSON file a sandbox org writes when it listens, and
`PRM_SANDBOX_SECRET_FILE` the file with its client secret. Without them (`manage.py demo` by itself)
the tenants stay unconnected. A sandbox org that was emptied has another organisation id; the
tenant is then taken off the old one and bound to the new.
"""

import json
import logging
from pathlib import Path

from django.conf import settings
from django.db import transaction

from prm import env
from prm.salesforce.engine.models import Connection
from prm.salesforce.runs.run import Wish, sync
from prm.salesforce.setup import service as setup_service
from prm.tenancy.models import Tenant

logger = logging.getLogger("prm.salesforce")


def settle(tenant: Tenant) -> None:
    """Connect the sandbox org and send everything.

    Repeatable: a tenant that is connected and set up is left to the worker.
    """
    org = _org_of(tenant.slug)
    if org is None:
        return
    with transaction.atomic():
        bound = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    if bound is not None and bound.organization_id != org["organization_id"]:
        setup_service.disconnect()
        bound = None
    if bound is not None and bound.login_url == org["url"] and bound.set_up_at:
        return  # the worker goes on from here
    setup_service.connect(
        login_url=org["url"],
        client_id=org["client_id"],
        client_secret=Path(env.text("PRM_SANDBOX_SECRET_FILE")).read_text(encoding="ascii").strip(),
    )
    setup_service.set_up()
    setup_service.start()
    report = sync(Wish(patient=True, door="demo"))
    if report.failed:
        logger.warning("the first sync of %s did not end well: %s", tenant.slug, report.message)


def _org_of(slug: str) -> dict[str, str] | None:
    """Return the sandbox org named like the tenant, or `None` when no sandbox org runs."""
    ready = env.text("PRM_SANDBOX_READY")
    if not ready or not settings.DEMO_ALLOWED:
        return None
    facts = json.loads(Path(ready).read_text(encoding="utf-8"))
    return next((org for org in facts["orgs"] if org["name"] == slug), None)
