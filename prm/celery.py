"""The Celery app and its schedule. Tasks live in the rooms and are named here by string only."""

import os
from pathlib import Path

from celery import Celery
from celery.schedules import crontab

from prm.core.registry import our_apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")


def packages_with_tasks() -> list[str]:
    """Return every package of our apps that has a `tasks.py`, as dotted names."""
    return sorted(
        ".".join((config.name, *file.parent.relative_to(config.path).parts))
        for config in our_apps()
        for file in Path(config.path).rglob("tasks.py")
    )


app = Celery("prm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(packages_with_tasks)

# Seconds, or local wall time in UTC. Each task goes through the tenants by itself.
app.conf.beat_schedule = {
    "wake-waiting": {"task": "tenancy.wake_waiting", "schedule": 2.0, "options": {"expires": 10}},
    "salesforce-sweep": {"task": "salesforce.sweep", "schedule": 1.0, "options": {"expires": 5}},
    "salesforce-audit": {
        "task": "salesforce.audit_everybody",
        "schedule": crontab(hour=4, minute=20),
        "options": {"queue": "nightly"},
    },
    "salesforce-newcomers": {
        "task": "salesforce.look_everywhere",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 600},
    },
    "salesforce-signed-in": {
        "task": "salesforce.keep_everybody_signed_in",
        "schedule": crontab(hour=3, minute=10),
        "options": {"queue": "nightly"},
    },
    "partners-sweep": {"task": "partners.sweep_requested", "schedule": 30.0, "options": {"expires": 30}},
    "orders-rates": {
        "task": "orders.sweep_rates",
        "schedule": crontab(minute=40),
        "options": {"queue": "nightly", "expires": 3600},
    },
    "orders-uploads": {
        "task": "orders.forget_uploads",
        "schedule": crontab(minute=17),
        "options": {"queue": "nightly", "expires": 3600},
    },
    "orders-samples": {
        "task": "orders.forget_samples",
        "schedule": crontab(minute=18),
        "options": {"queue": "nightly", "expires": 3600},
    },
    "orders-reconciliation": {
        "task": "orders.sweep_reconciliation",
        "schedule": crontab(minute=50),
        "options": {"queue": "nightly", "expires": 3600},
    },
    "bringing-lists": {
        "task": "bringing.forget_lists",
        "schedule": crontab(minute=19),
        "options": {"queue": "nightly", "expires": 3600},
    },
    "campaigns-sweep": {"task": "campaigns.sweep", "schedule": 15.0, "options": {"expires": 30}},
    "campaigns-figures": {
        "task": "campaigns.count_everybody",
        "schedule": crontab(minute=27),
        "options": {"queue": "nightly", "expires": 3600},
    },
    "campaigns-forget": {
        "task": "campaigns.forget_nightly",
        "schedule": crontab(hour=0, minute=33),
        "options": {"queue": "nightly"},
    },
    "partners-nightly": {
        "task": "partners.recompute_everybody",
        "schedule": crontab(hour=2, minute=30),
        "options": {"queue": "nightly"},
    },
    "partners-reviews": {
        "task": "partners.reviews_nightly",
        "schedule": crontab(minute=35),
        "options": {"queue": "nightly", "expires": 3600},
    },
    "partners-look-alikes": {
        "task": "partners.look_alikes_nightly",
        "schedule": crontab(hour=3, minute=50),
        "options": {"queue": "nightly"},
    },
    "activities-news": {
        "task": "activities.news_everywhere",
        "schedule": crontab(minute=23),
        "options": {"queue": "nightly", "expires": 3600},
    },
    "digest": {
        "task": "digest.sweep",
        "schedule": crontab(minute="*/10"),
        "options": {"queue": "nightly", "expires": 600},
    },
    "audit-retention": {
        "task": "audit.forget_nightly",
        "schedule": crontab(hour=4, minute=20),
        "options": {"queue": "nightly"},
    },
    "operations-clearing": {
        "task": "operations.clear_expired",
        "schedule": crontab(hour=1, minute=41),
        "options": {"queue": "nightly"},
    },
}
