"""How long one edit takes to the other side of the Salesforce sync, alone and beside five loud tenants.

Workers and beat run as in `make demo`, each tenant with a sandbox org of its own, read every few seconds.

* out: from saving a partner here until Salesforce's answer is stored
* back: from saving its account there until the partner here has the value

Loud tenants correct all of their partners again and again, so that each always has a backlog.

    python -m bench sync_latency [--rounds N] [--partners N] [--poll SECONDS]
"""

from __future__ import annotations

import argparse
import json
import math
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bench.common import ROOT, Figures, print_round, start_django
from bench.fairness import wait, workers
from bench.salesforce import Org

if TYPE_CHECKING:
    from prm.tenancy.models import Tenant

LOUD, GOAL_OUT, GOAL_SLACK, GOAL_RATIO = 5, 2.5, 2.0, 2.0


@contextmanager
def sandboxes(names: Sequence[str]) -> Iterator[list[Org]]:
    """Start an empty org for each name; they end with the block."""
    with tempfile.TemporaryDirectory(prefix="bench-latency-") as scratch:
        folder = Path(scratch)
        ready, secret = folder / "ready.json", folder / "secret"
        words = ["--port", "0", "--data", str(folder / "org.sqlite3"), "--daily-limit", "10000000"]
        words += ["--client-id", "bench", "--client-secret-file", str(secret), "--ready-file", str(ready)]
        words += [word for name in names for word in ("--org", name)]
        process = subprocess.Popen([sys.executable, "-m", "prm.sandbox", *words])
        try:
            while not ready.exists() and process.poll() is None:
                time.sleep(0.05)
            orgs = json.loads(ready.read_text())["orgs"]
            yield [Org(org["url"], org["client_id"], secret) for org in orgs]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


@contextmanager
def beat() -> Iterator[None]:
    """Run the schedule of `make demo`, and end it."""
    from prm.local.supervisor import BEAT_OPTIONS, CELERY

    with tempfile.TemporaryDirectory(prefix="bench-beat-") as scratch:
        command = [sys.executable, *CELERY, "beat", *BEAT_OPTIONS, "--schedule", f"{scratch}/schedule"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def connected_tenant(org: Org, partners: int, poll: int) -> Tenant:
    """Return a tenant with that many partners, connected and in step."""
    from partners.directory.service import create_partners_from_codes
    from prm.salesforce.engine.models import Connection, SyncSchedule
    from prm.salesforce.runs import run
    from prm.salesforce.setup import service
    from prm.tenancy.context import bound_tenant, tenant_scope
    from prm.tenancy.service import create_tenant

    tenant = create_tenant(slug=f"lat-{secrets.token_hex(5)}", name="Latency")
    with tenant_scope(tenant):
        codes = {f"C{number:06}": f"Partner {number}" for number in range(partners)}
        create_partners_from_codes(codes, kind="agent", scheme="customer number")
    with bound_tenant(tenant):
        service.connect(
            login_url=org.url, client_id=org.client_id, client_secret=org.secret_file.read_text().strip()
        )
        service.set_up()
        service.start()
        run.sync(run.Wish(patient=True, door="bench"))
    with tenant_scope(tenant):
        Connection.objects.update(poll_seconds=poll)
        SyncSchedule.objects.update(poll_seconds=poll)
    return tenant


class Quiet:
    """The tenant whose edits are timed."""

    def __init__(self, tenant: Tenant, org: Org) -> None:
        from partners.directory.models import Partner
        from prm.salesforce.engine.models import RecordLink
        from prm.tenancy.context import tenant_scope

        self.tenant, self.org, self.session = tenant, org, org.session()
        with tenant_scope(tenant):
            self.partners = list(Partner.objects.values_list("pk", flat=True)[:50])
            links = RecordLink.objects.filter(record_id__in=self.partners)
            self.sf_ids: dict[UUID, str] = dict(links.values_list("record_id", "sf_id"))
        self.number = 0

    def _next(self) -> tuple[UUID, str]:
        self.number += 1
        return self.partners[self.number % len(self.partners)], f"555 {self.number:05}"

    def _scoped(self, work: Callable[[], Any]) -> Any:
        from prm.tenancy.context import tenant_scope

        with tenant_scope(self.tenant):
            return work()

    def out(self) -> float:
        """Return how long an edit here takes until its answer is stored."""
        from partners.directory.service import update_partner
        from prm.salesforce.engine.models import RecordLink

        partner, phone = self._next()
        self._scoped(lambda: update_partner(partner, phone=phone))
        return wait(
            lambda: (
                self._scoped(lambda: RecordLink.objects.get(record_id=partner).agreed.get("Phone")) == phone
            )
        )

    def back(self) -> float:
        """Return how long an edit there takes until it is here."""
        from partners.directory.models import Partner

        partner, phone = self._next()
        url = f"{self.org.url}/services/data/v66.0/sobjects/Account/{self.sf_ids[partner]}"
        self.session.patch(url, json={"Phone": phone}, timeout=60).raise_for_status()
        return wait(lambda: self._scoped(lambda: Partner.objects.get(pk=partner).phone) == phone)

    def rounds(self, count: int) -> Figures:
        """Return medians and what 95 of 100 take at most."""
        found: dict[str, list[float]] = {"out": [], "back": []}
        for number in range(count):
            found["out"].append(self.out())
            time.sleep(0.37 * (number % 7))
            found["back"].append(self.back())
        return {
            f"{name} {words}": sorted(values)[math.ceil(share * len(values)) - 1]
            for name, values in found.items()
            for words, share in (("median", 0.5), ("p95", 0.95))
        }


def be_loud(tenant: Tenant, until: threading.Event, counted: list[int]) -> None:
    """Correct all partners whenever half of them are sent."""
    from partners.directory.models import Partner
    from prm.salesforce.engine.models import Outbox
    from prm.tenancy.context import tenant_scope

    partners, number = 0, 0
    while not until.is_set():
        with tenant_scope(tenant):
            waits = Outbox.objects.count()
            if waits * 2 <= partners or not partners:
                number += 1
                partners = Partner.objects.update(phone=f"{number}")
                counted[0] += partners
        time.sleep(0.5)


def main(words: Sequence[str]) -> None:
    """Measure alone, then beside the loud ones."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--partners", type=int, default=2_000, help="of each loud tenant")
    parser.add_argument("--poll", type=int, default=5)
    options = parser.parse_args(words)
    start_django()
    names = ["quiet", *(f"loud{number}" for number in range(LOUD))]
    with sandboxes(names) as orgs:
        quiet = Quiet(connected_tenant(orgs[0], 50, options.poll), orgs[0])
        loud = [connected_tenant(org, options.partners, options.poll) for org in orgs[1:]]
        with workers(), beat():
            quiet.out(), quiet.back()  # all workers are up
            alone = quiet.rounds(options.rounds)
            print("alone: ", end="")
            print_round(alone)
            until, counted = threading.Event(), [0]
            threads = [
                threading.Thread(target=be_loud, args=(one, until, counted), daemon=True) for one in loud
            ]
            for thread in threads:
                thread.start()
            time.sleep(5)
            beside = quiet.rounds(options.rounds)
            until.set()
            for thread in threads:
                thread.join()
    print(f"beside {LOUD} loud tenants: ", end="")
    print_round({**beside, **{f"{name} ratio": beside[name] / alone[name] for name in alone}})
    print(
        f"  (the loud ones changed {counted[0]:,} records meanwhile; goal: out p95 {GOAL_OUT} s, back p95 "
        f"{options.poll + GOAL_SLACK:.0f} s at a poll of {options.poll} s, ratios of {GOAL_RATIO:.0f} at most)"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
