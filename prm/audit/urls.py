"""Pages of the audit trail, under /t/<tenant>/audit/."""

from django.urls import path

from prm.audit.pages import views

app_name = "audit"
urlpatterns = [
    path("", views.trail, name="trail"),
    path("export/", views.take_along, name="export"),
    path("kept/", views.retention, name="retention"),
]
