import os
from datetime import timedelta
import pytest
from django.db import transaction
from prm.core.clock import now
from prm.core.ids import uuid7
from prm.tenancy.context import tenant_scope, bound_tenant
from prm.tenancy.models import Tenant


def test_look(visit):
    from partners.directory.models import Partner
    from orders.book.models import Order
    from activities.market.budgets.models import Opportunity
    from prm.salesforce.engine.models import Conflict, SyncProblem, Outbox, RecordLink, Connection
    from prm.salesforce.guards.models import MassChange, HeldChange
    from prm.sandbox.org import SandboxOrg
    from prm.sandbox.server import SandboxServer
    from prm.salesforce.setup import service
    from prm.salesforce.runs import run

    tenant = Tenant.objects.get(slug="mercy")
    org = SandboxOrg()
    with SandboxServer(org) as server:
        with bound_tenant(tenant):
            service.connect(
                login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
            )
            service.set_up()
            service.start()
            run.sync(run.Wish(door="demo"))
            org.access_hide = None
        with tenant_scope(tenant):
            people = list(Partner.objects.order_by("name")[:8])
            for n, p in enumerate(people[:4]):
                for there, a, o, t in (
                    ("Phone", "(555) 010-4410", "(555) 010-7720", "(555) 010-4411"),
                    (
                        "BillingCity",
                        "88 Harbor St, Easton",
                        "88 Harbor St, Suite 4, Easton",
                        "12 Mill Road, Easton",
                    ),
                    ("PRM_Specialty__c", "Internal medicine", "Gastroenterology", None),
                )[: 3 - n % 3]:
                    Conflict.objects.create(
                        mapping="partners.partner",
                        record_id=p.pk,
                        title=p.name,
                        there=there,
                        agreed=a,
                        ours=o,
                        theirs=t,
                        state="open",
                        winner="ask",
                        ours_by="J. Brandt",
                        ours_at=now() - timedelta(minutes=4),
                        theirs_by="S. Mori",
                        theirs_at=now() - timedelta(minutes=12),
                        at=now() - timedelta(minutes=2),
                        agreed_at=now() - timedelta(days=9),
                    )
            Conflict.objects.create(
                mapping="partners.partner",
                record_id=people[4].pk,
                title=people[4].name,
                there="Phone",
                agreed="1",
                ours="2",
                theirs="3",
                state="settled",
                winner="salesforce",
                ours_by="J. Brandt",
                theirs_by="S. Mori",
            )
            for p in people[:6]:
                SyncProblem.objects.create(
                    mapping="partners.partner",
                    record_id=p.pk,
                    title=p.name,
                    kind="refused_there",
                    code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
                    message="Tier may not be changed outside the quarter close",
                    fields=["PRM_Tier__c"],
                    field="",
                    since=now() - timedelta(hours=3),
                    last_at=now() - timedelta(minutes=3),
                )
            o = Order.objects.exclude(partner=None)[:3]
            for one in o:
                SyncProblem.objects.create(
                    mapping="orders.order",
                    record_id=one.pk,
                    title=str(one.number),
                    kind="deleted_there",
                    code="ENTITY_IS_DELETED",
                    message="The record was deleted in Salesforce.",
                    since=now() - timedelta(days=1),
                    last_at=now(),
                )
                RecordLink.objects.filter(record_id=one.pk).update(state="deleted_there")
                Outbox.objects.filter(record_id=one.pk).delete()
                Outbox.objects.create(
                    mapping="orders.order",
                    record_id=one.pk,
                    waits_mapping="partners.partner",
                    waits_id=people[0].pk,
                )
            m = MassChange.objects.create(
                mapping="partners.partner",
                direction="push",
                kind="cleared",
                cause="by Import program",
                records=34,
                total=120,
            )
            for n in range(34):
                HeldChange.objects.create(
                    mass=m,
                    mapping="partners.partner",
                    record_id=uuid7() if n >= len(people) else people[n].pk,
                    field="Phone",
                    title=f"Dr. {n:02}",
                    before=f"(555) 010-44{n:02}",
                )
            m2 = MassChange.objects.create(
                mapping="activities.opportunity",
                direction="pull",
                kind="deleted",
                cause="005x",
                records=140,
                total=400,
                state="refused",
                decided_by="Nils Kessler",
                decided_at=now(),
            )
        conflict = None
        org.access.hide("Account", "PRM_Specialty__c") if hasattr(org, "access") and hasattr(
            org.access, "hide"
        ) else None
        with bound_tenant(tenant):
            import requests

            requests.post(
                f"{server.url}/__sandbox__/access", json={"field": "Account.PRM_Specialty__c", "see": False}
            )
            run.sync(run.Wish(door="demo", push=False))
        with tenant_scope(tenant):
            pk = Conflict.objects.filter(state="open").first().pk
            settled = Conflict.objects.filter(state="settled").first().pk
            rec = people[0].pk
            mpk = m.pk
        base = "/t/mercy/salesforce/"
        pages = {
            "health": base,
            "problems": base + "problems/?mapping=partners.partner&code=FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "deleted": base + "problems/?mapping=orders.order&code=ENTITY_IS_DELETED",
            "waiting": base + "problems/waiting/",
            "conflicts": base + "conflicts/",
            "conflict": f"{base}conflicts/{pk}/",
            "settled": f"{base}conflicts/{settled}/",
            "history": base + "conflicts/history/",
            "record": f"{base}records/{rec}/",
            "masses": base + "mass-changes/",
            "mass": f"{base}mass-changes/{mpk}/",
            "thresholds": base + "mass-changes/thresholds/",
            "reconciliation": "/t/mercy/orders/reconciliation/",
            "totals": "/t/mercy/orders/control-totals/",
        }
        for size, scheme in (
            ({"width": 1280, "height": 800}, "light"),
            ({"width": 360, "height": 740}, "light"),
            ({"width": 820, "height": 1000}, "dark"),
            ({"width": 360, "height": 740}, "dark"),
        ):
            visitor = visit(size, scheme)
            visitor.sign_in("admin@mercy.example")
            for name, path in pages.items():
                try:
                    visitor.go(path)
                    print(name, size["width"], visitor.wrong())
                except AssertionError as e:
                    print("BAD", name, e)
                visitor.picture(f"{name}-{size['width']}-{scheme}")
