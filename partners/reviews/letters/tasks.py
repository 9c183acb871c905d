"""Sending letters in the background."""

from partners.reviews.letters import service
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Slice


@tenant_task(name="partners.send_letters", scope="bound")
def send() -> Slice:
    """Send some of those asked for."""
    return Slice.MORE if service.send_some() else Slice.DONE
