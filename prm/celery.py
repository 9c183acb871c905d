"""The Celery app and its schedule. Tasks live in the rooms and are named here by string only."""

import os
from pathlib import Path

from celery import Celery
from celery.schedules import crontab
from django.apps import apps
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")


def packages_with_tasks() -> list[str]:
    """Return every package of our apps that has a `tasks.py`, as dotted names."""
    root = Path(settings.BASE_DIR)
    folders = [Path(config.path) for config in apps.get_app_configs()]
    ours = [folder for folder in folders if folder.parent in {root, root / "prm"}]
    files = (file for folder in ours for file in folder.rglob("tasks.py"))
    return sorted(".".join(file.parent.relative_to(root).parts) for file in files)


app = Celery("prm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(packages_with_tasks)

# Seconds, or local wall time in UTC. Each task goes through the tenants by itself.
app.conf.beat_schedule = {
    "salesforce-sweep": {"task": "salesforce.sweep", "schedule": 2.0, "options": {"expires": 10}},
    "partners-sweep": {"task": "partners.sweep_requested", "schedule": 30.0, "options": {"expires": 30}},
    "partners-nightly": {"task": "partners.recompute_everybody", "schedule": crontab(hour=2, minute=30)},
}
