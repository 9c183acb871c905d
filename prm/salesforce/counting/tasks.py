"""Background work of counting."""

from __future__ import annotations

import logging
from datetime import date

from prm.core.errors import Refused
from prm.salesforce.counting import service
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Slice

logger = logging.getLogger(__name__)


@tenant_task(name="salesforce.count_there", scope="bound", queue=Queue.SYNC)
def count_there(*, mapping: str, first: str, last: str) -> Slice:
    """Count the records of a mapping in Salesforce from one day (ISO) to another, after any sync that runs."""
    try:
        counted = service.count_there(mapping, first=date.fromisoformat(first), last=date.fromisoformat(last))
    except Refused as refused:
        # Disconnected since it was asked for.
        logger.info("salesforce: counting: %s", refused.message)
        return Slice.DONE
    if counted.message and not counted.busy:
        logger.warning("salesforce: counting: %s", counted.message)
    return Slice.MORE if counted.busy else Slice.DONE
