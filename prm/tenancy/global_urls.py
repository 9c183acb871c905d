"""Pages above any tenant: the chooser and the health check."""

from django.urls import path

from prm.tenancy import views

urlpatterns = [
    path("", views.chooser, name="chooser"),
    path("healthz", views.healthz, name="healthz"),
]
