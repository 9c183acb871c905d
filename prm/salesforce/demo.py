"""Connects the demo tenants to the sandbox org that `make demo` starts, starts them, and sends everything once.

The organisation of `mercy` has accounts before that, as a company has: those that are certainly partners are adopted, the
others wait under *Adopt accounts*.

`PRM_SANDBOX_READY` names the JSON file a sandbox org writes when it listens, and
`PRM_SANDBOX_SECRET_FILE` the file with its client secret. Without them (`manage.py demo` by itself)
the tenants stay unconnected. A sandbox org that was emptied has another organisation id; the
tenant is then taken off the old one and bound to the new.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection as database
from django.db import transaction

from prm import env
from prm.accounts.models import Membership
from prm.core.outgoing.session import OutgoingSession
from prm.mapping import Values
from prm.salesforce.engine.models import Connection
from prm.salesforce.mapping import capture, registry
from prm.salesforce.runs.run import Wish, sync
from prm.salesforce.setup import service as setup_service
from prm.tenancy.models import Tenant

FURNISHED: Final = "mercy"
"""The demo tenant whose organisation has accounts before it is connected."""

ACCOUNTS, OURS, ALIKE = 60, 41, 9
_PLACES: Final = ("Hudson", "Catskill", "Saratoga", "Berkshire", "Glens Falls")
_OTHERS: Final = ("Imaging Center", "Surgical Supply", "Home Care", "Pharmacy")

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
    if bound is not None and bound.login_url == org["url"] and bound.set_up_at and not bound.is_resting:
        return  # the worker goes on from here
    if bound is None and tenant.slug == FURNISHED:
        _furnish(org["url"])
    setup_service.connect(
        login_url=org["url"],
        client_id=org["client_id"],
        client_secret=Path(env.text("PRM_SANDBOX_SECRET_FILE")).read_text(encoding="ascii").strip(),
    )
    setup_service.set_up()
    setup_service.read_there()
    setup_service.start()
    report = sync(Wish(patient=True, door="demo"))
    if report.failed:
        logger.warning("the first sync of %s did not end well: %s", tenant.slug, report.message)


def _furnish(url: str) -> None:
    """Have 60 accounts in the organisation before we come, as a company has: most are partners, some may be, some are not.

    The reps have users there, who own the accounts of their partners.
    """
    one = next(each for each in registry.mappings().values() if each.adopt is not None)
    with transaction.atomic():
        values = list(one.read(capture.all_ids(database, one)).values())
        reps = Membership.objects.with_people().by_id(each["rep"] for each in values)
    with OutgoingSession(seconds=30.0, most_bytes=2**20) as session:
        users = dict(zip(reps, _made(session, url, map(_user, reps.values())), strict=True))
        accounts = _accounts(values, users)
        _made(session, url, ({"op": "create", "object": "Account", "fields": each} for each in accounts))


def _made(session: OutgoingSession, url: str, changes: Iterable[Mapping[str, object]]) -> list[str]:
    """Have the organisation's administrator make records, and return their ids."""
    answer = session.post(f"{url}/__sandbox__/change", json=list(changes))
    answer.raise_for_status()
    return [str(each["id"]) for each in answer.json()["results"]]


def _user(rep: Membership) -> Mapping[str, object]:
    first, _, last = str(rep.user).rpartition(" ")
    return {"op": "user", "fields": {"email": rep.user.email, "first": first, "last": last}}


def _accounts(values: Sequence[Values], users: Mapping[object, str]) -> list[Values]:
    busy = [each for each in values if each["revenue"] and each["city"]]
    idle = [each for each in values if not each["revenue"] and each["city"]]
    accounts: list[Values] = [
        {"Name": each["name"], "BillingCity": each["city"], "Phone": each["phone"], **_owner(each, users)}
        for each in busy[:OURS]
    ]
    for place, each in enumerate(idle[:ALIKE]):
        last = str(each["name"]).split()[-1]
        moved = place % 2 or not each["phone"]
        alike = {"Name": each["name"], "BillingCity": "Burlington"}
        if not moved:
            alike = {"Name": f"{last} Clinic", "Phone": each["phone"], "BillingCity": each["city"]}
        accounts.append({**alike, **_owner(each, users)})
    others = [{"Name": f"{place} {what}", "BillingCity": place} for place in _PLACES for what in _OTHERS]
    return accounts + others[: ACCOUNTS - len(accounts)]


def _owner(each: Values, users: Mapping[object, str]) -> Values:
    return {"OwnerId": users[each["rep"]]} if each["rep"] in users else {}


def _org_of(slug: str) -> dict[str, str] | None:
    """Return the sandbox org named like the tenant, or `None` when no sandbox org runs."""
    ready = env.text("PRM_SANDBOX_READY")
    if not ready or not settings.DEMO_ALLOWED:
        return None
    facts = json.loads(Path(ready).read_text(encoding="utf-8"))
    return next((org for org in facts["orgs"] if org["name"] == slug), None)
