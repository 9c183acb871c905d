"""Pages of own fields, under /t/<tenant>/settings/fields/."""

from django.urls import path

from prm.ownfields import views

app_name = "ownfields"
urlpatterns = [
    path("", views.page, name="fields"),
    path("add/", views.add, name="add"),
    path("<uuid:pk>/", views.edit, name="edit"),
    path("<uuid:pk>/set/", views.set_one, name="set"),
    path("<uuid:pk>/remove/", views.remove, name="remove"),
]
