"""Pages of the search, under /t/<tenant>/."""

from django.urls import path

from prm.search import views

app_name = "search"
urlpatterns = [
    path("search/", views.page, name="page"),
    path("search/hits/", views.hits, name="hits"),
]
