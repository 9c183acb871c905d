"""Background work of an installation as a whole."""

import logging

from celery import shared_task

from prm.operations import service

logger = logging.getLogger(__name__)


@shared_task(name="operations.clear_expired")
def clear_expired() -> None:
    """Remove what has expired."""
    logger.info("cleared: %s", service.clear_expired())
