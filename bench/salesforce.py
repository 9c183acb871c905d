"""What 10,000 changed partners cost in calls to Salesforce, and how long they take.

A tenant with that many partners is pushed to a sandbox org in a process of its own: first all as new
Accounts, then all changed, then with nothing to do. The org's own log of requests is what counts:
calls, records written, and whether one was written twice. The yardstick sends the same changes by
bare collections calls of 200 that need no deciding, reading or remembering. Then 4,100 accounts are changed there
and read back, and a poll with nothing to read is counted: so often a day costs idleness.

    python -m bench salesforce [--partners N] [--rounds N]
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bench.common import Figures, fresh_tenant, manage, middle, print_round, start_django, stop_if_wrong

BATCH = 200
GOAL_CALLS = 60
APPLIED, GOAL_APPLIED = 4_100, 30.0
POLL_SECONDS, GOAL_IDLE = 60, 3_000


@dataclass
class Org:
    """A running sandbox org."""

    url: str
    client_id: str
    secret_file: Path

    def log(self) -> dict[str, Any]:
        """Return what was asked of the org since the log was cleared."""
        return dict(requests.get(f"{self.url}/__sandbox__/log", timeout=60).json())

    def forget(self) -> None:
        """Clear the log."""
        requests.delete(f"{self.url}/__sandbox__/log", timeout=60)

    def session(self) -> requests.Session:
        """Return a session of its own, signed in."""
        session = requests.Session()
        session.trust_env = False
        answer = session.post(
            f"{self.url}/services/oauth2/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": self.secret_file.read_text().strip(),
            },
            timeout=60,
        )
        session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return session


@contextmanager
def sandbox() -> Iterator[Org]:
    """Start an empty org; it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="bench-salesforce-") as scratch:
        folder = Path(scratch)
        ready, secret = folder / "ready.json", folder / "secret"
        words = ["--port", "0", "--data", str(folder / "org.sqlite3"), "--daily-limit", "1000000"]
        words += ["--client-id", "bench", "--client-secret-file", str(secret), "--ready-file", str(ready)]
        process = subprocess.Popen([sys.executable, "-m", "prm.sandbox", *words])
        try:
            while not ready.exists() and process.poll() is None:
                time.sleep(0.05)
            yield Org(json.loads(ready.read_text())["orgs"][0]["url"], "bench", secret)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def push(slug: str, org: Org) -> tuple[dict[str, int], dict[str, Any], float]:
    """Run the sync to its end: what became of the partners, the org's log, and the seconds."""
    org.forget()
    output, wall, _ = manage("salesforce_sync", "--tenant", slug, "--push", "--json")
    return json.loads(output)["pushed"].get("partners.partner", {}), org.log(), wall


def bare(org: Org, partners: int) -> tuple[int, float]:
    """Change every Account by collections calls alone: how many calls, and the seconds."""
    session, data = org.session(), f"{org.url}/services/data/v66.0"
    page = session.get(f"{data}/query", params={"q": "SELECT PRM_Id__c FROM Account"}, timeout=60).json()
    keys = [row["PRM_Id__c"] for row in page["records"]]
    while not page["done"]:
        page = session.get(f"{org.url}{page['nextRecordsUrl']}", timeout=60).json()
        keys += [row["PRM_Id__c"] for row in page["records"]]
    if len(keys) != partners:
        raise SystemExit(f"the org holds {len(keys)} of {partners} partners")
    calls, started = 0, time.monotonic()
    for at in range(0, partners, BATCH):
        records = [
            {"attributes": {"type": "Account"}, "PRM_Id__c": key, "Phone": "2"}
            for key in keys[at : at + BATCH]
        ]
        answer = session.patch(
            f"{data}/composite/sobjects/Account/PRM_Id__c",
            json={"allOrNone": False, "records": records},
            timeout=60,
        )
        answer.raise_for_status()
        calls += 1
    return calls, time.monotonic() - started


def change_there(org: Org, records: int) -> int:
    """Give so many accounts another city, as somebody there does with a data loader; return how many."""
    session, data = org.session(), f"{org.url}/services/data/v66.0"
    query = f"SELECT Id FROM Account WHERE PRM_Id__c != null ORDER BY Id LIMIT {records}"  # nosec B608 # a number of ours
    page = session.get(f"{data}/query", params={"q": query}, timeout=60).json()
    ids = [row["Id"] for row in page["records"]]
    while not page["done"]:
        page = session.get(f"{org.url}{page['nextRecordsUrl']}", timeout=60).json()
        ids += [row["Id"] for row in page["records"]]
    for at in range(0, len(ids), BATCH):
        rows = [
            {"attributes": {"type": "Account"}, "id": one, "BillingCity": "Weston"}
            for one in ids[at : at + BATCH]
        ]
        answer = session.patch(
            f"{data}/composite/sobjects", json={"allOrNone": False, "records": rows}, timeout=60
        )
        answer.raise_for_status()
    return len(ids)


def pull(slug: str, org: Org) -> tuple[int, dict[str, Any], float]:
    """Read what changed there: how many records were applied here, the org's log, and the seconds."""
    org.forget()
    output, wall, _ = manage("salesforce_sync", "--tenant", slug, "--pull", "--json")
    return json.loads(output)["pulled"].get("partners.partner", {}).get("applied", 0), org.log(), wall


def idle_day(slug: str, org: Org) -> int:
    """Return the calls of a day with nothing to do, of one tenant at the default interval.

    In one process and in slices, as a worker has it: a poll, and one that reads the last quarter of an hour again and
    what was deleted of objects that have no place in every poll.
    """
    from prm.salesforce.engine.models import PullCursor
    from prm.salesforce.engine.pull import SWEEP_EVERY
    from prm.salesforce.runs import run
    from prm.tenancy.context import bound_tenant, tenant_scope
    from prm.tenancy.models import Tenant

    tenant = Tenant.objects.get(slug=slug)

    def calls() -> int:
        org.forget()
        with bound_tenant(tenant):
            run.sync(run.Wish(seconds=60))
        return int(org.log()["total"])

    calls()
    poll = calls()
    with tenant_scope(tenant):
        for cursor in PullCursor.objects.all():
            for name in ("swept_at", "deletions_to"):
                moment = getattr(cursor, name)
                setattr(cursor, name, moment and moment - SWEEP_EVERY)
            cursor.save()
    sweep = calls()
    polls, sweeps = 86_400 // POLL_SECONDS, 86_400 // int(SWEEP_EVERY.total_seconds())
    print(f"  a poll costs {poll} calls, one with a sweep {sweep}")
    return poll * (polls - sweeps) + sweep * sweeps


def make_campaign(slug: str) -> None:
    """Plan a campaign without members: with it the tenant's campaigns are in Salesforce."""
    from activities.campaigns.planning.service import CampaignInput, create_campaign
    from prm.core import calendar
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    tenant = Tenant.objects.get(slug=slug)
    with tenant_scope(tenant):
        today = calendar.today(tenant)
        create_campaign(
            details=CampaignInput(
                name="Echo lab opens", channels=["email"], starts_on=today, ends_on=today, holdout_percent=0
            )
        )


def make_partners(slug: str, partners: int) -> None:
    """Partners as an import makes them from codes that nobody knew."""
    from partners.directory.service import create_partners_from_codes
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    with tenant_scope(Tenant.objects.get(slug=slug)):
        codes = {f"C{number:06}": f"Partner {number}" for number in range(partners)}
        create_partners_from_codes(codes, kind="agent", scheme="customer number")


def change_partners(slug: str) -> None:
    """One field of every partner, by one statement, as a correction in bulk does."""
    from partners.directory.models import Partner
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    with tenant_scope(Tenant.objects.get(slug=slug)):
        Partner.objects.update(phone="555 0100")


def one_round(partners: int) -> Figures:
    """Create, change, do nothing; each checked by the org's own log."""
    slug = fresh_tenant()
    wrong: list[str] = []
    with sandbox() as org:
        client = ("--client-id", org.client_id, "--client-secret-file", str(org.secret_file))
        manage("salesforce_connect", "--tenant", slug, "--login-url", org.url, *client)
        manage("salesforce_setup", "--tenant", slug)
        manage("salesforce_start", "--tenant", slug)
        idle = idle_day(slug, org)
        make_campaign(slug)
        push(slug, org)
        idle_with = idle_day(slug, org)
        make_partners(slug, partners)
        created, first, first_seconds = push(slug, org)
        change_partners(slug)
        updated, second, second_seconds = push(slug, org)
        _, third, _ = push(slug, org)
        pull(slug, org)
        changed_there = change_there(org, min(APPLIED, partners))
        applied, _, applied_seconds = pull(slug, org)
        bare_calls, bare_seconds = bare(org, partners)
    for what, found, wanted in (
        ("created", created.get("created"), partners),
        ("updated", updated.get("updated"), partners),
        ("written at first", first["records_written"], partners),
        ("written after the change", second["records_written"], partners),
        ("written with nothing to do", third["records_written"], 0),
        ("applied here", applied, changed_there),
    ):
        if found != wanted:
            wrong.append(f"{what}: {found}, expected {wanted}")
    wrong += [
        f"written twice: {log['written_more_than_once']}"
        for log in (first, second)
        if log["written_more_than_once"]
    ]
    stop_if_wrong(wrong)
    return {
        "bare calls": bare_calls, "bare": bare_seconds, "first calls": first["total"], "first": first_seconds,
        "changed calls": second["total"], "changed": second_seconds, "idle calls": third["total"],
        "applied": applied_seconds, "idle day": idle, "idle day with campaigns": idle_with,
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the rounds and print one line each, then the middle one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--partners", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(arguments)
    start_django()
    rounds = []
    for _ in range(options.rounds):
        rounds.append(one_round(options.partners))
        print_round(rounds[-1])
    figures = middle(rounds, lambda found: found["changed"])
    goal = GOAL_CALLS * options.partners // 10_000
    print(
        f"calls    {figures['changed calls']:.0f} for {options.partners:,} changed partners,"
        f" {figures['first calls']:.0f} for as many new ones (bare: {figures['bare calls']:.0f}; goal {goal})"
    )
    print(f"time     {figures['changed'] / figures['bare']:.2f}x the bare calls, none written twice")
    print(
        f"applied  {figures['applied']:.1f} s for {min(APPLIED, options.partners):,} records changed there"
        f" (goal: {GOAL_APPLIED:.0f} s for {APPLIED:,})"
    )
    print(
        f"idle     {figures['idle day']:,.0f} calls a tenant and day at a poll of {POLL_SECONDS} s, "
        f"{figures['idle day with campaigns']:,.0f} with campaigns (goal {GOAL_IDLE:,});"
        f" a push with nothing to do {figures['idle calls']:.0f}"
    )


if __name__ == "__main__":
    main()
