"""Tasks for a worker of the tests: one that stays until it is let go, one that is done at once."""

import time
from pathlib import Path

from prm.tenancy.context import current_tenant
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue


@tenant_task(name="tests.hold", scope="bound", queue=Queue.IMPORTS)
def hold(*, folder: str) -> None:
    """Say that it has begun, and stay until the file `go` is there."""
    (Path(folder) / f"held-{current_tenant().slug}").touch()
    while not (Path(folder) / "go").exists():
        time.sleep(0.02)
    (Path(folder) / f"over-{current_tenant().slug}").touch()


@tenant_task(name="tests.touch", scope="bound", queue=Queue.IMPORTS)
def touch(*, folder: str) -> None:
    """Say that it was done."""
    (Path(folder) / f"touched-{current_tenant().slug}").touch()
