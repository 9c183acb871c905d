"""The page of the field mapping: what goes where, and who wins. Managers see; administrators choose."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.urls import tenant_url
from prm.mapping import Field, Mapping
from prm.salesforce.adoption.outcome import Outcome
from prm.salesforce.fieldmap import looking, service
from prm.salesforce.mapping import describing, registry
from prm.salesforce.mapping.choices import FieldChoice, chosen_columns, with_kinds
from prm.salesforce.mapping.models import MappingVersion
from prm.salesforce.pages import queries
from prm.salesforce.pages.actions import page_url
from prm.salesforce.setup import errands
from prm.salesforce.setup.fieldpages.forms import (
    ConstantForm,
    FieldForm,
    FileForm,
    KindsForm,
    ObjectForm,
    ScopeForm,
)
from prm.salesforce.setup.models import Errand
from prm.ui.form_page import Done, act, form_page
from prm.ui.http import saved

NAV = "mapping"
SHOWN_VERSIONS = 20
ASKED_FROM = "salesforce_asked_from"
"""In the session: the other page on which somebody asked that the organisation be read."""


def _url(request: TenantRequest, key: str = "") -> str:
    return page_url(request, "mapping") + (f"?object={key}" if key else "")


@require_GET
@page_requires(Right.SYNC_VIEW)
def mapping(request: TenantRequest) -> HttpResponseBase:
    """Show one object of the mapping: the draft if there is one, else what is in force."""
    key = request.GET.get("object") or next(iter(registry.declared()))
    if key not in registry.declared():
        raise Http404
    may_edit = allows(request, Right.SYNC_EDIT)
    reading = errands.latest(Errand.Kind.DESCRIBE)
    if reading is not None and reading.is_open and may_edit:
        return redirect(tenant_url(request.tenant, "salesforce:errand", kind=reading.kind))
    if asked_from := request.session.pop(ASKED_FROM, ""):
        return redirect(page_url(request, asked_from))
    draft = looking.draft()
    looks = looking.look(service.drafted(), [key])
    problems = sum(one.problems for one in looks)
    context = {
        "looks": looks,
        "shown": next(one for one in looks if one.mapping.key == key),
        "draft": draft,
        "problems": problems,
        "in_force": looking.version_in_force(),
        "versions": _versions(),
        "connection": queries.present_connection(),
        "reading": reading,
        "may_edit": may_edit,
        "nav_key": NAV,
    }
    return render(request, "salesforce/mapping.html", context)


def _versions() -> list[MappingVersion]:
    return list(MappingVersion.objects.order_by("-number")[:SHOWN_VERSIONS])


@require_POST
@page_requires(Right.SYNC_EDIT)
def decide(request: TenantRequest) -> HttpResponse:
    """Read the organisation, try the draft, put it in force, or throw it away."""
    do, back = request.POST.get("do", ""), _url(request, _known_key(request.POST.get("object", "")))
    if do in ("read", "try"):
        kind = Errand.Kind.DESCRIBE if do == "read" else Errand.Kind.TRY_MAP
        errand = errands.ask(kind)
        return saved(request, tenant_url(request.tenant, "salesforce:errand", kind=errand.kind))
    if do == "discard":
        return act(request, lambda: _discard(back), stay_url=back)
    if do == "force":
        return act(request, lambda: _force(back), stay_url=back)
    raise Http404


def _known_key(key: str) -> str:
    return key if key in registry.declared() else ""


def _discard(back: str) -> Done:
    service.discard()
    return Done(back, "Draft discarded.", "What is in force stays as it is.")


def _force(back: str) -> Done:
    version = service.put_in_force()
    return Done(
        back, f"Version {version.number} is in force.", "The records that it concerns are compared anew."
    )


@require_POST
@page_requires(Right.SYNC_EDIT)
def back_to(request: TenantRequest) -> HttpResponse:
    """Draft what an earlier version chose."""
    back, asked = _url(request), request.POST.get("number", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 7):
        raise Http404
    number = int(asked)

    def work() -> Done:
        draft = service.back_to(number)
        if draft is None:
            return Done(back, f"Version {number} is what is in force.")
        return Done(back, f"Draft as version {number}.", "Nothing changes until it is put in force.")

    return act(request, work, stay_url=back)


# --- rows -------------------------------------------------------------------------------------------


def _asked(request: HttpRequest) -> tuple[Mapping, str]:
    """Return which mapping is meant, and the name of a row of it; 404 for no mapping."""
    key = request.GET.get("object", "")
    if key not in registry.declared():
        raise Http404
    return with_kinds(registry.declared()[key], service.drafted().of(key)), request.GET.get("row", "")


def _column(one: Mapping, here: str) -> Field:
    found = next((each for each in chosen_columns(one) if each.here == here), None)
    if found is None:
        raise Http404
    return found


@page_requires(Right.SYNC_EDIT)
def field(request: TenantRequest) -> HttpResponse:
    """Choose where one field goes and how."""
    one, here = _asked(request)
    own, choices = _column(one, here), service.drafted()
    is_parent = any(parent.here == here for parent in one.parents)
    facts = looking.facts_for(choices, one.key)
    form = FieldForm(
        request.POST or None,
        own=own,
        mapping=one,
        choice=choices.of(one.key).fields.get(here, FieldChoice()),
        fitting=looking.fitting(own, facts, is_parent=is_parent),
        is_parent=is_parent,
    )

    def save() -> Done:
        service.choose_field(key=one.key, here=here, choice=form.choice)
        return Done(_url(request, one.key), f"{own.words} chosen.", "In the draft; nothing changes yet.")

    context = {
        "own": own,
        "mapping": one,
        "described": bool(facts),
        "back": _url(request, one.key),
        "nav_key": NAV,
    }
    return form_page(request, form, "salesforce/mapping_field.html", context, save=save)


@page_requires(Right.SYNC_EDIT)
def constant(request: TenantRequest) -> HttpResponse:
    """Choose what a field there always gets, or which of our further fields goes there."""
    one, there = _asked(request)
    choices = service.drafted()
    facts = looking.facts_for(choices, one.key)
    (shown,) = (each for each in looking.look(choices, counts=False) if each.mapping.key == one.key)
    used = {row.there for row in shown.rows if row.kind != "required" and row.direction != "off"}
    free = sorted(
        (
            name
            for name, each in facts.items()
            if each["makes"] and name not in used and each["type"] != "reference"
        ),
        key=lambda name: facts[name]["label"].lower(),
    )
    constants = choices.of(one.key).constants
    value = constants[there].value if there in constants else ""
    form = ConstantForm(request.POST or None, facts=facts, there=there, value=value, free=free)

    def save() -> Done:
        name = form.cleaned_data["there"]
        service.choose_constant(key=one.key, there=name, value=form.cleaned_data["value"])
        return Done(_url(request, one.key), f"{name} chosen.", "In the draft; nothing changes yet.")

    offered = [each for each in one.offered if each.here not in choices.of(one.key).fields]
    context = {
        "mapping": one, "offered": offered, "described": bool(facts), "back": _url(request, one.key), "nav_key": NAV,
    }  # fmt: skip
    return form_page(request, form, "salesforce/mapping_constant.html", context, save=save)


@require_POST
@page_requires(Right.SYNC_EDIT)
def value(request: TenantRequest) -> HttpResponse:
    """Say which of the organisation's values one of ours is; nothing sends it empty."""
    one, here = _asked(request)
    _column(one, here)
    ours = request.POST.get("ours", "")
    theirs = "" if request.POST.get("do") == "empty" else request.POST.get("theirs", "")
    back = _url(request, one.key)

    def work() -> Done:
        service.choose_value(key=one.key, here=here, ours=ours, theirs=theirs)
        return Done(back, f"“{ours}” is “{theirs}” there." if theirs else f"“{ours}” goes there as nothing.")

    return act(request, work, stay_url=back)


@page_requires(Right.SYNC_EDIT)
def sobject(request: TenantRequest) -> HttpResponse:
    """Choose as which object records are kept."""
    one, _row = _asked(request)
    now_chosen = service.drafted().of(one.key).sobject or one.sobject
    form = ObjectForm(request.POST or None, initial={"sobject": now_chosen})

    def save() -> Done:
        service.choose_object(key=one.key, sobject=form.cleaned_data["sobject"])
        return Done(
            _url(request, one.key), "Object chosen.", "Read the organisation again to see its fields."
        )

    context = {"mapping": one, "back": _url(request, one.key), "nav_key": NAV}
    return form_page(request, form, "salesforce/mapping_object.html", context, save=save)


@page_requires(Right.SYNC_EDIT)
def scope(request: TenantRequest) -> HttpResponse:
    """Choose which records are kept in step."""
    one, _row = _asked(request)
    chosen = service.drafted().of(one.key)
    described = describing.known().get(chosen.sobject or one.sobject)
    form = ScopeForm(
        request.POST or None,
        mapping=one,
        choice=chosen.scope,
        takes=chosen.takes,
        lines=chosen.lines,
        record_types=sorted(described.record_types) if described else (),
    )

    def save() -> Done:
        service.choose_scope(key=one.key, scope=form.choice, takes=form.takes, lines=form.lines)
        return Done(_url(request, one.key), "Scope chosen.", "In the draft; nothing changes yet.")

    context = {"mapping": one, "back": _url(request, one.key), "nav_key": NAV}
    return form_page(request, form, "salesforce/mapping_scope.html", context, save=save)


@page_requires(Right.SYNC_EDIT)
def kinds(request: TenantRequest) -> HttpResponse:
    """Choose as what records of each kind are kept."""
    one, _row = _asked(request)
    if one.persons is None:
        raise Http404
    chosen = service.drafted().of(one.key)
    described = describing.known().get(chosen.sobject or one.sobject)
    form = KindsForm(
        request.POST or None,
        sorts=one.persons.sorts(),
        kinds=chosen.kinds,
        record_types=sorted(described.record_types) if described else (),
    )

    def save() -> Done:
        service.choose_kinds(key=one.key, kinds=form.kinds)
        return Done(_url(request, one.key), "Kinds chosen.", "In the draft; nothing changes yet.")

    context = {"mapping": one, "described": bool(described), "back": _url(request, one.key), "nav_key": NAV}
    return form_page(request, form, "salesforce/mapping_kinds.html", context, save=save)


# --- file and dry run ---------------------------------------------------------------------------------


@page_requires(Right.SYNC_VIEW)
def file(request: TenantRequest) -> HttpResponse:
    """Download what is drafted or in force as a file."""
    answer = JsonResponse(service.drafted().as_json(), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="salesforce-mapping-{request.tenant.slug}.json"'
    return answer


@page_requires(Right.SYNC_EDIT)
def load(request: TenantRequest) -> HttpResponse:
    """Take a file as the draft."""
    form = FileForm(request.POST or None, request.FILES or None)

    def save() -> Done:
        draft = service.load(form.document())
        words = "It is what is in force." if draft is None else "Nothing changes until it is put in force."
        return Done(
            _url(request), "File taken." if draft is None else f"Draft of version {draft.number}.", words
        )

    return form_page(
        request, form, "salesforce/mapping_file.html", {"back": _url(request), "nav_key": NAV}, save=save
    )


@require_GET
@page_requires(Right.SYNC_EDIT)
def tried(request: TenantRequest) -> HttpResponse:
    """Show what the draft would change, as it was tried last."""
    found, draft = errands.latest(Errand.Kind.TRY_MAP), looking.draft()
    is_done = found is not None and found.state == Errand.State.DONE
    context = {
        "tried": found,
        "outcome": Outcome.of_json(found.result) if found is not None and is_done else None,
        "draft": draft,
        "is_old": bool(found and draft and found.asked_at < draft.changed_at),
        "nav_key": NAV,
    }
    return render(request, "salesforce/mapping_try.html", context)
