"""What the sync learns of users beside reading them."""

from __future__ import annotations

from prm.salesforce.people.models import SalesforceUser
from prm.tenancy.use_cases import needs_no_right


@needs_no_right("Salesforce has said so; the sync notes it")
def note_inactive(sf_id: str) -> None:
    """Note that a user can own nothing any more. Call inside a transaction; who stands in follows with the next run."""
    SalesforceUser.objects.filter(sf_id=sf_id).update(is_active=False)
