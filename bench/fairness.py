"""How long a quiet tenant waits beside loud ones, as a ratio to how long it waits alone.

Workers run as in `make demo`, on the broker and database of this checkout. A round of the quiet tenant is, from the
moment it is asked for until its result can be read:

* edit: one partner is noted as changed, until its score is computed anew
* import: a file of 200 lines, until the run is done

Rounds are taken alone, then while five other tenants import 60,000 lines each, then while the night computes
everybody of a few hundred tenants. The machine is shared: what the ratio holds is waiting for one's turn and for the
processors together.

    python -m bench.fairness [--rounds N] [--lines N] [--tenants N]
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from uuid import UUID

if not __package__:  # started by its path, `python bench/fairness.py`
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.common import ROOT, Figures, print_round, start_django

if TYPE_CHECKING:
    from prm.tenancy.models import Tenant

GOAL, LOUD, SMALL, PARTNERS, PATIENCE = 2.0, 5, 200, 20, 300.0
COLUMNS = {
    "number": "No",
    "date": "Date",
    "code": "Code",
    "product_code": "Item",
    "quantity": "Qty",
    "amount": "Sum",
}


@contextmanager
def workers() -> Iterator[None]:
    """Run the workers of `make demo`, and end them."""
    from prm.local.supervisor import CELERY, WORKER_OPTIONS, WORKERS

    running = []
    for name, (queues, threads) in WORKERS.items():
        own = ["--queues", queues, "--concurrency", str(threads), "--hostname", f"bench-{name}@%h"]
        command = [sys.executable, *CELERY, "worker", *WORKER_OPTIONS, *own]
        running.append(
            subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
    try:
        yield
    finally:
        for process in running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            process.wait()


def wait(condition: Callable[[], bool]) -> float:
    """Return how many seconds it took until the condition held."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > PATIENCE:
            raise SystemExit(f"Nothing happened for {PATIENCE:.0f} seconds; is the broker there?")
        time.sleep(0.01)
    return time.monotonic() - started


def new_tenant() -> "Tenant":
    """Return a tenant with a source and a few partners."""
    from orders.sources.service import save_source
    from partners.directory.service import create_partner
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.service import create_tenant

    tenant = create_tenant(slug=f"fair-{secrets.token_hex(5)}", name="Fair")
    with tenant_scope(tenant):
        save_source(None, name="Orders", spec={"columns": COLUMNS, "create_partners": True})
        for place in range(3):
            create_partner(name=f"Partner {place}", kind="agent")
    return tenant


def begin_import(tenant: "Tenant", lines: int) -> UUID:
    """Start the import of a file, past its preview, and return its run."""
    from django.core.files.base import ContentFile

    from orders.runs import service
    from orders.runs.models import ImportRun
    from orders.runs.states import RunState
    from orders.sources.models import OrderSource
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.work.models import Job

    rows = (f"{secrets.token_hex(6)},2026-05-{n % 28 + 1:02},{n % PARTNERS},A,1,10" for n in range(lines))
    content = "\n".join(["No,Date,Code,Item,Qty,Sum", *rows]).encode()
    with tenant_scope(tenant):
        run = service.receive(OrderSource.objects.get(), [ContentFile(content, name="orders.csv")])
        Job.objects.filter(arguments={"run_id": str(run.pk)}).delete()
        ImportRun.objects.filter(pk=run.pk).update(state=RunState.PREVIEW)
        service.start(run.pk)
    return run.pk


def state_of(tenant: "Tenant", run: UUID) -> str:
    """Return the state of a run, as others see it."""
    from orders.runs.models import ImportRun
    from prm.tenancy.context import tenant_scope

    with tenant_scope(tenant):
        return str(ImportRun.objects.get(pk=run).state)


def one_edit(tenant: "Tenant") -> float:
    """Return how long an edit's score takes."""
    from partners.directory.models import Partner
    from partners.standing.models import StandingRequest
    from prm.tenancy.context import tenant_scope

    def is_done() -> bool:
        with tenant_scope(tenant):
            return not StandingRequest.objects.exists()

    wait(is_done)
    with tenant_scope(tenant):
        StandingRequest.objects.create(partner_id=Partner.objects.values_list("pk", flat=True)[0])
    return wait(is_done)


def one_import(tenant: "Tenant") -> float:
    """Return how long a small import takes."""
    run = begin_import(tenant, SMALL)
    return wait(lambda: state_of(tenant, run) not in ("queued", "running"))


def rounds(quiet: "Tenant", count: int) -> Figures:
    """Return the middle of some rounds."""
    edits, imports = zip(*((one_edit(quiet), one_import(quiet)) for _ in range(count)), strict=True)
    return {"edit": median(edits), "import": median(imports)}


def ask_for_the_night(tenants: Sequence["Tenant"]) -> None:
    """Ask for everybody, as the schedule does every night."""
    from partners.standing.service import request_everybody
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.tasks import send_task

    for tenant in tenants:
        with tenant_scope(tenant):
            request_everybody(by_night=True)
            send_task("partners.recompute_night")


def report(name: str, alone: Figures, beside: Figures) -> None:
    """Print what a round takes and its ratio to alone."""
    print(f"{name}: ", end="")
    print_round({**beside, **{f"{key} ratio": beside[key] / alone[key] for key in alone}})


def main(words: Sequence[str]) -> None:
    """Measure alone, beside large imports, and by night."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--lines", type=int, default=60_000)
    parser.add_argument("--tenants", type=int, default=300)
    options = parser.parse_args(words)
    start_django()
    quiet = new_tenant()
    loud = [new_tenant() for _ in range(LOUD)]
    with workers():
        one_edit(quiet), one_import(quiet)  # all workers are up
        alone = rounds(quiet, options.rounds)
        print("alone: ", end="")
        print_round(alone)
        runs = [(tenant, begin_import(tenant, options.lines)) for tenant in loud]
        wait(lambda: any(state_of(*run) == "running" for run in runs))
        report(f"beside {LOUD} large imports", alone, rounds(quiet, options.rounds))
        under_way = sum(state_of(*run) in ("queued", "running") for run in runs)
        print(
            f"  ({under_way} of {LOUD} were still under way at the end; goal: ratios of {GOAL:.0f} at most)"
        )
        wait(lambda: all(state_of(*run) == "done" for run in runs))
        ask_for_the_night([new_tenant() for _ in range(options.tenants)])
        report(f"by night, {options.tenants} tenants", alone, rounds(quiet, options.rounds))


if __name__ == "__main__":
    main(sys.argv[1:])
