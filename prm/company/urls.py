"""Pages of the company, under /t/<tenant>/."""

from django.urls import path

from prm.company.keeping import views as keeping
from prm.company.sample import views as sample
from prm.company.security import views as security
from prm.company.settings import views as settings
from prm.company.setup import views as setup

app_name = "company"
urlpatterns = [
    path("settings/", settings.page, name="settings"),
    path("settings/confirm/", settings.confirm, name="settings-confirm"),
    path("settings/changes/<uuid:pk>/undo/", settings.undo, name="settings-undo"),
    path("settings/logo/remove/", settings.logo_remove, name="logo-remove"),
    path("settings/logo/<str:picture>.png", settings.logo, name="logo"),
    path("settings/security/", security.page, name="security"),
    path("settings/data/", keeping.page, name="data"),
    path("set-up/", setup.page, name="setup"),
    path("set-up/aside/", setup.aside, name="setup-aside"),
    path("set-up/back/", setup.back, name="setup-back"),
    path("sample-data/fill/", sample.fill, name="sample-fill"),
    path("sample-data/remove/", sample.remove, name="sample-remove"),
]
