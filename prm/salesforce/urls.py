"""Page routes, under /t/<slug>/salesforce/."""

from __future__ import annotations

from django.urls import path

from prm.salesforce import views

app_name = "salesforce"

urlpatterns = [
    path("", views.health, name="health"),
    path("live/", views.live, name="live"),
    path("connect/", views.connect, name="connect"),
    path("setup/", views.setup, name="setup"),
    path("sync/", views.sync_now, name="sync"),
    path("pause/", views.pause, name="pause"),
    path("resume/", views.resume, name="resume"),
    path("disconnect/", views.disconnect, name="disconnect"),
    path("problems/", views.problems, name="problems"),
    path("problems/try-again/", views.try_again, name="try-again"),
    path("problems/create-again/", views.create_again, name="create-again"),
    path("conflicts/", views.conflicts, name="conflicts"),
    path("conflicts/<uuid:pk>/choose/", views.choose, name="choose"),
]
