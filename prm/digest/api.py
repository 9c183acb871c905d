"""The API of the digest, under /api/v1/<tenant>/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from prm.digest.pages.api import ChoiceView, DefaultView, DigestView, MailViewSet

router = SimpleRouter()
router.register("digest-mails", MailViewSet, basename="api-digest-mail")
urlpatterns = [
    path("digest/", DigestView.as_view(), name="api-digest"),
    path("digest/choice/", ChoiceView.as_view(), name="api-digest-choice"),
    path("digest/default/", DefaultView.as_view(), name="api-digest-default"),
    *router.urls,
]
