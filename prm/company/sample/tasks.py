"""Background work of sample data."""

from prm.company.sample import service
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Size, Slice


@tenant_task(name="company.fill_sample", scope="bound", queue=Queue.IMPORTS, size=Size.LARGE)
def fill_sample() -> Slice:
    """Do a step of filling at a time, so that others have their turn between."""
    return Slice.MORE if service.fill_step() else Slice.DONE


@tenant_task(name="company.remove_sample", scope="bound", queue=Queue.IMPORTS, size=Size.LARGE)
def remove_sample() -> None:
    """Remove what was filled."""
    service.remove_all()
