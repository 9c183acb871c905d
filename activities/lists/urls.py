"""Page routes of lists, under /t/<tenant>/lists/."""

from django.urls import path

from activities.lists.runs import views

app_name = "bringing"
urlpatterns = [
    path("", views.RunList.as_view(), name="list"),
    path("add/", views.add, name="add"),
    path("<uuid:pk>/", views.run, name="run"),
    path("<uuid:pk>/columns/", views.columns, name="columns"),
    path("<uuid:pk>/defaults/", views.defaults, name="defaults"),
    path("<uuid:pk>/rows/", views.RowList.as_view(), name="rows"),
    path("<uuid:pk>/rows/<uuid:row>/", views.choose, name="choose"),
    path("<uuid:pk>/decide/", views.decide, name="decide"),
    path("<uuid:pk>/start/", views.start, name="start"),
    path("<uuid:pk>/stop/", views.stop, name="stop"),
    path("<uuid:pk>/read/", views.read, name="read"),
    path("<uuid:pk>/take-back/", views.take_back, name="take-back"),
    path("<uuid:pk>/rejects/", views.rejects, name="rejects"),
]
