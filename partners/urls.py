"""Page routes of the partners app, under /t/<tenant>/."""

from django.urls import path

from partners.views import partners, portal, review

app_name = "partners"
urlpatterns = [
    path("partners/", partners.PartnerList.as_view(), name="list"),
    path("partners/export/", partners.export, name="export"),
    path("partners/add/", partners.add, name="add"),
    path("partners/<uuid:pk>/", partners.detail, name="detail"),
    path("partners/<uuid:pk>/edit/", partners.edit, name="edit"),
    path("partners/<uuid:pk>/codes/add/", partners.code_add, name="code-add"),
    path("partners/<uuid:pk>/access/", partners.invite, name="invite"),
    path("partners/<uuid:pk>/estimates/add/", partners.estimate_add, name="estimate-add"),
    path("codes/<uuid:pk>/remove/", partners.code_remove, name="code-remove"),
    path("tier-review/", review.board, name="review"),
    path("tier-review/accept/", review.accept_all, name="review-accept-all"),
    path("tier-review/undo/<uuid:pk>/", review.undo, name="review-undo"),
    path("tier-review/<uuid:pk>/", review.evidence, name="review-evidence"),
    path("tier-review/<uuid:pk>/accept/", review.decide, {"decision": "accept"}, name="review-accept"),
    path("tier-review/<uuid:pk>/hold/", review.decide, {"decision": "hold"}, name="review-hold"),
    path("tier-review/<uuid:pk>/override/", review.decide, {"decision": "override"}, name="review-override"),
    path("home/", portal.home, name="portal"),
]
