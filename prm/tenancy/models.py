"""The models of the walls' app: the tenant, and the work that waits."""

from prm.tenancy.tenant import Tenant
from prm.tenancy.work.models import Job, Turn

__all__ = ["Job", "Tenant", "Turn"]
