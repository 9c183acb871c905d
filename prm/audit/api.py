"""The API of the audit trail, under /api/v1/<tenant>/."""

from prm.audit.pages.api import urlpatterns

__all__ = ["urlpatterns"]
