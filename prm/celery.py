"""The Celery app and its schedule. Tasks live in the apps and are named here by string only."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")

app = Celery("prm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["partners.standing", "orders.runs", "prm.salesforce.engine"])

# Seconds, or local wall time in UTC. Each task goes through the tenants by itself.
app.conf.beat_schedule = {
    "salesforce-sweep": {"task": "salesforce.sweep", "schedule": 2.0, "options": {"expires": 10}},
    "partners-sweep": {"task": "partners.sweep_requested", "schedule": 30.0, "options": {"expires": 30}},
    "partners-nightly": {"task": "partners.recompute_everybody", "schedule": crontab(hour=2, minute=30)},
}
