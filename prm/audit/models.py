"""The models of this app's rooms, imported for Django to find."""

from prm.audit.keeping.models import AuditClearing, AuditExport, AuditRetention

__all__ = ["AuditClearing", "AuditExport", "AuditRetention"]
