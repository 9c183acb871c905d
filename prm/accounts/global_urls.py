"""The page above any tenant: the chooser."""

from django.urls import path

from prm.accounts import views

urlpatterns = [
    path("", views.chooser, name="chooser"),
]
