"""Application config of the audit trail."""

from django.apps import AppConfig

from prm.core.registry import contributed, discover


class AuditConfig(AppConfig):
    """Finds every app's `audit_words.py` and `audit_undos.py`, the way Django finds `admin.py`."""

    name = "prm.audit"
    label = "audit"
    verbose_name = "Audit trail"

    def ready(self) -> None:
        """Register every app's `audit_words.WORDS` and `audit_undos.UNDOS`; a broken one stops the start."""
        from prm.audit.trail import below, registry, undoing  # noqa: PLC0415 - cycle of apps at start

        for module in discover("audit_words", "WORDS"):
            registry.register(contributed(module, "WORDS", registry.FieldWords))
        undoing.register(below.UNDOS)
        for module in discover("audit_undos", "UNDOS"):
            undoing.register(contributed(module, "UNDOS", undoing.Taken))
