"""URLs of the shell itself; mounted at ``/ui/``."""

from django.urls import path

from prm.ui.shell.views import preferences

app_name = "ui"
urlpatterns = [path("preferences/", preferences, name="preferences")]
