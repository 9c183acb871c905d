"""Pages of the digest, under /t/<tenant>/."""

from django.urls import path

from prm.digest.pages import views

app_name = "digest"
urlpatterns = [
    path("digest/", views.today, name="today"),
    path("digest/choice/", views.choice, name="choice"),
    path("settings/mail/", views.settings, name="settings"),
]
