"""Background work of members."""

from uuid import UUID

from activities.campaigns.members import service
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Slice


@tenant_task(name="campaigns.fill_wave", scope="bound", queue=Queue.IMPORTS)
def fill_wave(*, wave_id: str) -> Slice:
    """Put a slice of members into a wave."""
    return Slice.MORE if service.fill_wave(UUID(wave_id)) else Slice.DONE


@tenant_task(name="campaigns.tell_members", scope="bound", queue=Queue.IMPORTS)
def tell_members(*, campaign_id: str) -> Slice:
    """Tell a slice of members that their coins are tossed, or are not any more."""
    return Slice.MORE if service.tell_members(UUID(campaign_id)) else Slice.DONE


@tenant_task(name="campaigns.write_letters", scope="bound", queue=Queue.IMPORTS)
def write_letters(*, campaign_id: str) -> None:
    """Write the file of letters."""
    service.write_letters(UUID(campaign_id))
