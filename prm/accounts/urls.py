"""An administrator's pages about the tenant itself, and everybody's about themselves."""

from django.urls import path

from prm.accounts import views
from prm.accounts.invitations import views as invitations
from prm.accounts.profile import views as profile

app_name = "accounts"
urlpatterns = [
    path("", views.landing, name="home"),
    path("members/", views.members, name="members"),
    path("members/add/", invitations.member_add, name="member-add"),
    path("members/invitations/<uuid:pk>/send/", invitations.resend, name="invitation-send"),
    path("members/invitations/<uuid:pk>/revoke/", invitations.revoke, name="invitation-revoke"),
    path("members/<uuid:pk>/", views.member_change, name="member-change"),
    path("members/<uuid:pk>/sign-in-link/", invitations.sign_in_link, name="member-sign-in-link"),
    path("profile/", profile.profile, name="profile"),
    path("profile/address/", profile.address, name="profile-address"),
    path("profile/sessions/end/", profile.end_sessions, name="profile-sessions-end"),
    path("keys/", views.keys, name="keys"),
    path("keys/add/", views.key_add, name="key-add"),
    path("keys/<uuid:pk>/keep/", views.key_keep, name="key-keep"),
    path("keys/<uuid:pk>/revoke/", views.key_revoke, name="key-revoke"),
]
