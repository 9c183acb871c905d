"""What is behind the links of a mail, above any tenant."""

from django.urls import path

from prm.digest.links.views import link

urlpatterns = [path("mail/<str:token>/", link, name="digest-link")]
