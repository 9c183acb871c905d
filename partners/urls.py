"""Page routes of the partners app, under /t/<tenant>/."""

from django.urls import path

from partners.contacts import views as contacts_views
from partners.directory import views as directory_views
from partners.kinds import views as kinds_views
from partners.lookalikes import views as lookalikes_views
from partners.merges import views as merges_views
from partners.pasted import views as pasted_views
from partners.portal import views as portal_views
from partners.profiles import bulk as bulk_pages
from partners.profiles import views as profiles_views
from partners.reviews import cycle_views
from partners.reviews import views as reviews_views
from partners.reviews.letters import views as letter_views
from partners.saved import views as saved_views
from partners.share import views as share_views
from partners.tags import views as tags_views
from partners.whatif import views as whatif_views

app_name = "partners"
urlpatterns = [
    path("partners/", profiles_views.PartnerList.as_view(), name="list"),
    path("partners/export/", profiles_views.PartnerList.as_view(export="csv"), name="export"),
    path("partners/paste/", pasted_views.paste, name="paste"),
    path("partners/columns/", profiles_views.choose_columns, name="columns"),
    path("partners/views/add/", saved_views.add, name="view-add"),
    path("partners/views/<uuid:pk>/", saved_views.change, name="view-change"),
    path("partners/views/<uuid:pk>/remove/", saved_views.remove, name="view-remove"),
    path("partners/selected/", bulk_pages.log, name="bulk"),
    path("partners/selected/export/", bulk_pages.take_along, name="bulk-export"),
    path("partners/selected/<uuid:pk>/undo/", bulk_pages.undo, name="bulk-undo"),
    path("partners/selected/<slug:key>/", bulk_pages.change, name="bulk-change"),
    path("partners/add/", directory_views.add, name="add"),
    path("partners/<uuid:pk>/", profiles_views.detail, name="detail"),
    path("partners/<uuid:pk>/history/", profiles_views.history, name="history"),
    path("partners/<uuid:pk>/merge/", merges_views.choose, name="merge-choose"),
    path("partners/<uuid:pk>/merge/<uuid:other>/", merges_views.merge, name="merge"),
    path("look-alikes/", lookalikes_views.pairs, name="look-alikes"),
    path("look-alikes/look/", lookalikes_views.look_now, name="look-alikes-look"),
    path("look-alikes/<uuid:pk>/<str:state>/", lookalikes_views.decide, name="look-alike"),
    path("partners/<uuid:pk>/merge/<uuid:other>/after/", merges_views.after, name="merge-after"),
    path("merges/tasks/<uuid:pk>/", merges_views.task, name="merge-task"),
    path("merges/", merges_views.log, name="merges"),
    path("merges/<uuid:pk>/undo/", merges_views.undo, name="merge-undo"),
    path("partners/<uuid:pk>/edit/", directory_views.edit, name="edit"),
    path("partners/<uuid:pk>/codes/add/", directory_views.code_add, name="code-add"),
    path("partners/<uuid:pk>/names/add/", directory_views.alias_add, name="alias-add"),
    path("names/<uuid:pk>/remove/", directory_views.alias_remove, name="alias-remove"),
    path("partners/<uuid:pk>/access/", portal_views.invite, name="invite"),
    path("partners/<uuid:pk>/estimates/add/", share_views.estimate_add, name="estimate-add"),
    path("estimates/<uuid:pk>/remove/", share_views.estimate_remove, name="estimate-remove"),
    path("estimates/<uuid:pk>/restore/", share_views.estimate_restore, name="estimate-restore"),
    path("partners/<uuid:pk>/estimates/ask/", share_views.ask, name="estimate-ask"),
    path("partners/<uuid:pk>/estimates/withdraw/", share_views.withdraw, name="estimate-withdraw"),
    path("estimate-requests/<uuid:pk>/decline/", share_views.decline, name="estimate-decline"),
    path("partners/<uuid:pk>/contacts/add/", contacts_views.add, name="contact-add"),
    path("contacts/<uuid:pk>/", contacts_views.edit, name="contact-edit"),
    path("contacts/<uuid:pk>/remove/", contacts_views.remove, name="contact-remove"),
    path("codes/<uuid:pk>/remove/", directory_views.code_remove, name="code-remove"),
    path("tier-policy/", whatif_views.page, name="policy"),
    path("tier-policy/draft/", whatif_views.keep, name="policy-keep"),
    path("tier-policy/discard/", whatif_views.discard, name="policy-discard"),
    path("tier-policy/confirm/", whatif_views.confirm, name="policy-confirm"),
    path("tier-review/", reviews_views.board, name="review"),
    path("tier-review/decide/", reviews_views.decide_several, name="review-accept-all"),
    path("tier-review/undo/", reviews_views.undo_several, name="review-undo-several"),
    path("partners/<uuid:pk>/word/", reviews_views.comment, name="review-comment"),
    path("tier-review/letter/", letter_views.change_template, name="letter"),
    path("tier-review/cycles/<uuid:pk>/letters/", letter_views.list_, name="letters"),
    path("tier-review/cycles/<uuid:pk>/letters/send/", letter_views.send, name="letters-send"),
    path("tier-review/open/", cycle_views.open_, name="cycle-open"),
    path("tier-review/settings/", cycle_views.change_settings, name="cycle-settings"),
    path("tier-review/take-back/", cycle_views.take_back, name="cycle-take-back"),
    path("tier-review/cycles/<uuid:pk>/sign/", cycle_views.sign, name="cycle-sign"),
    path("tier-review/cycles/<uuid:pk>/reopen/", cycle_views.reopen, name="cycle-reopen"),
    path("tier-review/undo/<uuid:pk>/", reviews_views.undo, name="review-undo"),
    path("tier-review/<uuid:pk>/", reviews_views.evidence, name="review-evidence"),
    path("tier-review/<uuid:pk>/accept/", reviews_views.decide, {"decision": "accept"}, name="review-accept"),
    path("tier-review/<uuid:pk>/hold/", reviews_views.decide, {"decision": "hold"}, name="review-hold"),
    path(
        "tier-review/<uuid:pk>/override/",
        reviews_views.decide,
        {"decision": "override"},
        name="review-override",
    ),
    path("tags/", tags_views.page, name="tags"),
    path("tags/<uuid:pk>/", tags_views.edit, name="tag-edit"),
    path("tags/<uuid:pk>/remove/", tags_views.remove, name="tag-remove"),
    path("partners/<uuid:pk>/tags/", tags_views.add, name="tag-add"),
    path("partner-tags/<uuid:pk>/off/", tags_views.take_off, name="tag-off"),
    path("partner-kinds/add/", kinds_views.add, name="kind-add"),
    path("partner-kinds/<uuid:pk>/", kinds_views.edit, name="kind-edit"),
    path("partner-kinds/<uuid:pk>/set/", kinds_views.set_one, name="kind-set"),
    path("home/", portal_views.home, name="portal"),
]
