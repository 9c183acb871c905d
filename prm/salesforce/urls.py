"""Page routes, under /t/<slug>/salesforce/."""

from __future__ import annotations

from django.urls import path

from prm.salesforce.breakers import views as breakers_views
from prm.salesforce.inbox import views as inbox_views
from prm.salesforce.pages import views as pages_views
from prm.salesforce.setup import adopting
from prm.salesforce.setup import views as setup_views
from prm.salesforce.setup.fieldpages import views as fieldmap_views
from prm.salesforce.setup.ownerpages import views as owner_views
from prm.salesforce.setup.signin import views as signin_views

app_name = "salesforce"

urlpatterns = [
    path("", pages_views.health, name="health"),
    path("live/", pages_views.live, name="live"),
    path("connect/", signin_views.connect, name="connect"),
    path("connect/person/", signin_views.connect_person, name="connect-person"),
    path("connect/person/<uuid:pk>/", signin_views.go, name="connect-go"),
    path("connect/key/", signin_views.connect_key, name="connect-key"),
    path("connect/key/new/", signin_views.make_key, name="key-new"),
    path("connect/key/certificate/", signin_views.certificate, name="certificate"),
    path("callback/", signin_views.callback, name="callback"),
    path("setup/", setup_views.setup, name="setup"),
    path("start/", setup_views.start, name="start"),
    path("adopt/", adopting.adopt, name="adopt"),
    path("adopt/decide/", adopting.decide, name="adopt-decide"),
    path("adopt/undo/<uuid:pk>/", adopting.undo, name="adopt-undo"),
    path("adopt/<uuid:pk>/take-back/", adopting.take_back, name="adopt-take-back"),
    path("mapping/", fieldmap_views.mapping, name="mapping"),
    path("mapping/decide/", fieldmap_views.decide, name="mapping-decide"),
    path("mapping/field/", fieldmap_views.field, name="mapping-field"),
    path("mapping/constant/", fieldmap_views.constant, name="mapping-constant"),
    path("mapping/value/", fieldmap_views.value, name="mapping-value"),
    path("mapping/object/", fieldmap_views.sobject, name="mapping-object"),
    path("mapping/scope/", fieldmap_views.scope, name="mapping-scope"),
    path("mapping/kinds/", fieldmap_views.kinds, name="mapping-kinds"),
    path("mapping/file/", fieldmap_views.file, name="mapping-file"),
    path("mapping/load/", fieldmap_views.load, name="mapping-load"),
    path("mapping/try/", fieldmap_views.tried, name="mapping-try"),
    path("mapping/back/", fieldmap_views.back_to, name="mapping-back"),
    path("owners/", owner_views.owners, name="owners"),
    path("owners/read/", owner_views.read, name="owners-read"),
    path("owners/fallback/", owner_views.fallback, name="owners-fallback"),
    path("owners/<uuid:pk>/", owner_views.owner, name="owner"),
    path("errands/<slug:kind>/", setup_views.errand, name="errand"),
    path("errands/<slug:kind>/stop/", setup_views.stop, name="errand-stop"),
    path("sync/", pages_views.sync_now, name="sync"),
    path("look-again/", pages_views.look_again, name="look-again"),
    path("pause/", setup_views.pause, name="pause"),
    path("resume/", setup_views.resume, name="resume"),
    path("disconnect/", setup_views.disconnect, name="disconnect"),
    path("problems/", inbox_views.problems, name="problems"),
    path("problems/waiting/", inbox_views.WaitingList.as_view(), name="waiting"),
    path("problems/try-again/", inbox_views.try_again, name="try-again"),
    path("problems/create-again/", inbox_views.create_again, name="create-again"),
    path("mass-changes/", breakers_views.mass_changes, name="mass-changes"),
    path("mass-changes/thresholds/", breakers_views.thresholds, name="thresholds"),
    path("mass-changes/<uuid:pk>/", breakers_views.HeldChangeList.as_view(), name="mass-change"),
    path("mass-changes/<uuid:pk>/decide/", breakers_views.decide, name="decide-mass"),
    path("conflicts/", inbox_views.conflicts, name="conflicts"),
    path("records/<uuid:pk>/", inbox_views.record, name="record"),
    path("conflicts/history/", inbox_views.ConflictList.as_view(), name="history"),
    path("conflicts/decide/", inbox_views.decide, name="decide"),
    path("conflicts/decide-many/", inbox_views.decide_many, name="decide-many"),
    path("conflicts/<uuid:pk>/", inbox_views.conflict, name="conflict"),
    path("conflicts/<uuid:pk>/choose/", inbox_views.choose, name="choose"),
    path("conflicts/<uuid:pk>/undo/", inbox_views.undo, name="undo"),
]
