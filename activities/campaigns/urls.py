"""Page routes of campaigns, under /t/<tenant>/campaigns/."""

from django.urls import path

from activities.campaigns.pages import changes, views

app_name = "campaigns"
urlpatterns = [
    path("", views.campaigns, name="campaigns"),
    path("add/", changes.campaign_add, name="add"),
    path("counting/", changes.counting, name="counting"),
    path("<uuid:pk>/", views.campaign, name="campaign"),
    path("<uuid:pk>/edit/", changes.campaign_edit, name="edit"),
    path("<uuid:pk>/do/<slug:what>/", changes.campaign_do, name="do"),
    path("<uuid:pk>/sent/", changes.sent, name="sent"),
    path("<uuid:pk>/members/", views.MemberList.as_view(), name="members"),
    path("<uuid:pk>/members/add/", changes.members_add, name="members-add"),
    path("<uuid:pk>/attendance/", views.attendance, name="attendance"),
    path("<uuid:pk>/attendance/note/", changes.attendance_note, name="attendance-note"),
    path("<uuid:pk>/members/<uuid:member>/came/", changes.came, name="came"),
    path("<uuid:pk>/members/<uuid:member>/qr.svg", changes.qr, name="qr"),
    path("<uuid:pk>/links/", views.links, name="links"),
    path("<uuid:pk>/links/add/", changes.link_add, name="link-add"),
    path("<uuid:pk>/links/<uuid:link>/", views.days, name="days"),
    path("<uuid:pk>/links/<uuid:link>/remove/", changes.link_remove, name="link-remove"),
    path("<uuid:pk>/again/", changes.again, name="again"),
    path("<uuid:pk>/letters/", views.letters, name="letters"),
    path("<uuid:pk>/letters/ask/", changes.letters_ask, name="letters-ask"),
]
