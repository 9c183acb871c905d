"""Pages above any tenant: the chooser and the health check."""

from django.urls import path

from prm.accounts import views
from prm.core import health as core_health

urlpatterns = [
    path("", views.chooser, name="chooser"),
    path("healthz", core_health.healthz, name="healthz"),
]
