"""Background work of settings."""

from uuid import UUID

from django.db import OperationalError

from prm.company.settings import service
from prm.core.errors import Refused
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Size


@tenant_task(name="company.carry_out", scope="bound", queue=Queue.IMPORTS, size=Size.LARGE)
def carry_out(*, change_id: str) -> None:
    """Work out a change that moves many figures, all of it or nothing."""
    try:
        service.carry_out(UUID(change_id))
    except OperationalError:
        raise  # the database is in trouble; it is tried again
    except Refused as refused:
        service.note_failure(UUID(change_id), refused.message)
    except Exception as error:
        service.note_failure(UUID(change_id), f"Something went wrong here ({type(error).__name__}).")
        raise
