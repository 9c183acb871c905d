"""An administrator's pages about the tenant itself."""

from django.urls import path

from prm.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.landing, name="home"),
    path("members/", views.members, name="members"),
    path("members/add/", views.member_add, name="member-add"),
    path("members/<uuid:pk>/", views.member_change, name="member-change"),
    path("keys/", views.keys, name="keys"),
    path("keys/add/", views.key_add, name="key-add"),
    path("keys/<uuid:pk>/revoke/", views.key_revoke, name="key-revoke"),
]
