"""The pages above any tenant: the chooser, the way to the own profile, what is behind an invitation's link."""

from django.urls import path

from prm.accounts import views
from prm.accounts.invitations.views import answer
from prm.accounts.profile.views import own_profile

urlpatterns = [
    path("", views.chooser, name="chooser"),
    path("profile/", own_profile, name="own-profile"),
    path("invitation/<slug:tenant>/<uuid:pk>/<str:secret>/", answer, name="invitation"),
]
