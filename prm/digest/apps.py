"""Application config of the digest."""

from django.apps import AppConfig

from prm.core.registry import contributed, discover


class DigestConfig(AppConfig):
    """Finds every app's `digest_topics.py`, the way Django finds `admin.py`."""

    name = "prm.digest"
    label = "digest"
    verbose_name = "Digest"

    def ready(self) -> None:
        """Register every app's `digest_topics.TOPICS` and `digest_topics.ACTS`; a broken one stops the start."""
        from prm.digest.lines import registry  # noqa: PLC0415 - cycle of apps at start

        for module in discover("digest_topics", "TOPICS", "ACTS"):
            registry.register(
                contributed(module, "TOPICS", registry.Topic), contributed(module, "ACTS", registry.Act)
            )
