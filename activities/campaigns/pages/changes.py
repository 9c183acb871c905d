"""Pages of campaigns that change something."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activities.campaigns.members import service as members
from activities.campaigns.members.letters import members_of
from activities.campaigns.pages.forms import CampaignForm, CountingForm, FilterForm, LinkForm, SentForm
from activities.campaigns.pages.qr import qr_svg
from activities.campaigns.pages.views import NAV, campaign_of, campaign_url, head, ids_of, letters_url
from activities.campaigns.planning import service
from activities.campaigns.planning.models import Link, Member
from activities.campaigns.settings.queries import settings_of_tenant
from activities.campaigns.settings.service import save_settings
from activities.campaigns.states import Again, Whom
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core import calendar
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.core.urls import tenant_url
from prm.tenancy.context import orders_heading, say_of_orders
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import day, number, plural

FORM = "campaigns/form.html"


@page_requires(Right.ACTIVITY_MANAGE)
@require_http_methods(["GET", "POST"])
def campaign_add(request: TenantRequest) -> HttpResponse:
    """Make a draft."""
    form = CampaignForm(request.POST or None)

    def save() -> Done:
        made = service.create_campaign(details=form.details(), owner=request.membership, campaign_id=uuid7())
        return Done(
            campaign_url(made.pk, "members"), f"{made.name} added.", "Add members, then links, then start."
        )

    cancel = tenant_url(request.tenant, "campaigns:campaigns")
    context = {
        "action": request.get_full_path(),
        "nav_key": NAV,
        "title": "New campaign",
        "cancel_url": cancel,
    }
    return form_page(request, form, FORM, context, save=save)


@page_requires(Right.ACTIVITY_MANAGE)
@require_http_methods(["GET", "POST"])
def campaign_edit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a campaign."""
    found = campaign_of(pk)
    form = CampaignForm(request.POST or None, initial=CampaignForm.initial_of(found))

    def save() -> Done:
        kept = service.change_campaign(campaign=found, details=form.details())
        return Done(campaign_url(pk), f"{kept.name} saved.")

    context = head(found, "edit") | {
        "action": request.get_full_path(),
        "title": found.name,
        "cancel_url": campaign_url(pk),
    }
    return form_page(request, form, FORM, context, save=save)


@page_requires(Right.ACTIVITY_MANAGE)
@require_POST
def campaign_do(request: TenantRequest, pk: UUID, what: str) -> HttpResponse:
    """Start, take back, end, reopen, begin another wave, or remove."""
    found = campaign_of(pk)
    again = {"start": "unstart", "end": "reopen", "reopen": "end"}.get(what, "")
    undo = tenant_url(request.tenant, "campaigns:do", pk=pk, what=again) if again else ""
    words = {
        "start": ("Started.", "The coins are shown and the list is closed. Now the letters can go."),
        "unstart": ("Taken back.", "It is a draft again; its coins stay as they fell."),
        "end": ("Ended.", "Links say so from now on, and count no more."),
        "reopen": ("Running again.", ""),
        "wave": ("A second wave is open.", "Its members get a coin of their own."),
        "remove": ("Removed.", found.name),
    }
    acts = {
        "start": service.start_campaign,
        "unstart": service.unstart_campaign,
        "end": service.end_campaign,
        "reopen": service.reopen_campaign,
        "wave": service.begin_wave,
        "remove": service.remove_campaign,
    }

    def work() -> Done:
        if what not in acts:
            raise Refused("There is no such act.", code="invalid")
        acts[what](campaign=found)
        to = tenant_url(request.tenant, "campaigns:campaigns") if what == "remove" else campaign_url(pk)
        return Done(to, *words[what], undo_url=undo)

    return act(request, work, stay_url=campaign_url(pk))


@page_requires(Right.ACTIVITY_MANAGE)
@require_POST
def sent(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say when a wave was sent."""
    found, form = campaign_of(pk), SentForm(request.POST)

    def work() -> Done:
        if not form.is_valid():
            raise Refused("Say on which day it was sent.", field="on", code="required")
        wave = found.waves.filter(sent_on=None, drawn_at__isnull=False).order_by("number").first()
        if wave is None:
            raise Refused("Nothing waits for sending.", code="not_running")
        service.mark_sent(wave=wave, on=form.cleaned_data["on"])
        return Done(
            campaign_url(pk),
            "Noted.",
            f"{orders_heading()} count from {day(wave.sent_on or form.cleaned_data['on'])}.",
        )

    return act(request, work, stay_url=campaign_url(pk))


@page_requires(Right.ACTIVITY_MANAGE)
@require_http_methods(["GET", "POST"])
def again(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show who did not open or come, with their letters; POST notes the day on which they were mailed again (`undo`: not)."""
    found, here = campaign_of(pk), campaign_url(pk, "again")
    if request.method == "GET":
        rows = [(one, members_of(found, one).count()) for one in Again]
        days = sorted({day for wave in found.waves.all() for day in wave.again_on})
        context = head(found, "members") | {
            "whom": rows,
            "sent_on": min((wave.sent_on for wave in found.waves.all() if wave.sent_on), default=None),
            "days": days,
            "form": SentForm(initial={"on": calendar.today(request.tenant)}),
        }
        return render(request, "campaigns/again.html", context)
    form = SentForm(request.POST)

    def work() -> Done:
        if not form.is_valid():
            raise Refused("Say on which day it was sent.", field="on", code="required")
        on, undone = form.cleaned_data["on"], bool(request.POST.get("undo"))
        service.mark_sent_again(campaign=found, on=on, again=not undone)
        if undone:
            return Done(here, f"{day(on)} is taken back.")
        fields = {"on": on.isoformat(), "undo": "1"}
        return Done(
            here,
            f"Mailed again on {day(on)}.",
            say_of_orders("{Orders} count from the first day, as before."),
            here,
            fields,
        )

    return act(request, work, stay_url=here)


@page_requires(Right.ACTIVITY_MANAGE)
@require_POST
def letters_ask(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Have the file of letters written, of all or (`again`) of those who did nothing yet."""
    found, whom = campaign_of(pk), request.POST.get("again", "")
    here = letters_url(pk, whom)

    def work() -> Done:
        members.ask_for_letters(campaign=found, again=whom)
        return Done(here, "The file is being written.", "You can leave this page.")

    return act(request, work, stay_url=here)


@page_requires(Right.ACTIVITY_MANAGE)
@require_POST
def members_add(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Put everybody of a saved view in, by a worker."""
    found, form = campaign_of(pk), FilterForm(request.POST, member=request.membership)
    stay = campaign_url(pk, "members")

    def work() -> Done:
        if not form.is_valid():
            raise Refused("Choose a view of the list.", field="view", code="required")
        whom = form.cleaned_data["whom"] or Whom.PARTNER
        wave = members.add_by_filter(campaign=found, query=form.query(), whom=whom)
        return Done(stay, f"{number(wave.total)} are being added.", "You can leave this page.")

    return act(request, work, stay_url=stay)


@page_requires(Right.ACTIVITY_MANAGE)
@require_POST
def link_add(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Put an address on the list."""
    found, form = campaign_of(pk), LinkForm(request.POST)
    stay = campaign_url(pk, "links")

    def work() -> Done:
        if not form.is_valid():
            raise Refused("Give the link a name and an address.", field="url", code="required")
        link = service.add_link(campaign=found, **form.cleaned_data)
        return Done(stay, f"{link.label} added.", link.url)

    return act(request, work, stay_url=stay)


@page_requires(Right.ACTIVITY_MANAGE)
@require_POST
def link_remove(request: TenantRequest, pk: UUID, link: UUID) -> HttpResponse:
    """Take an address off the list of a draft."""
    stay = campaign_url(pk, "links")
    gone = get_object_or_404(Link.objects.select_related("campaign"), campaign_id=pk, pk=link)

    def work() -> Done:
        service.remove_link(link=gone)
        return Done(stay, f"{gone.label} removed.")

    return act(request, work, stay_url=stay)


# --- at the door of an event --------------------------------------------------------------------


@page_requires(Right.ACTIVITY_WRITE)
@require_http_methods(["GET", "POST"])
def came(request: TenantRequest, pk: UUID, member: UUID) -> HttpResponse:
    """Note that somebody is here: where the QR code of an invitation leads, for our own people."""
    found = campaign_of(pk)
    guest = get_object_or_404(Member.objects.select_related("partner", "contact"), campaign=found, pk=member)
    here = tenant_url(request.tenant, "campaigns:came", pk=pk, member=member)
    if request.method == "GET":
        context = head(found, "members") | {"guest": guest}
        return render(request, "campaigns/came.html", context)
    attended = request.POST.get("came") != "0"

    def work() -> Done:
        members.set_attended(campaign=found, members=[guest.pk], attended=attended)
        title = f"{guest} is here." if attended else f"{guest} is not here."
        return Done(here, title, undo_url=here if attended else "", undo_fields={"came": "0"})

    return act(request, work, stay_url=here)


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def attendance_note(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Note who is here of those that the page showed: `shown` and, of them, `came`."""
    found = campaign_of(pk)
    here = tenant_url(request.tenant, "campaigns:attendance", pk=pk)
    asked, came = ids_of(request, "shown"), set(ids_of(request, "came"))
    rows = Member.objects.filter(campaign=found, pk__in=asked).values_list("pk", "attended_at")
    before = {member: at is not None for member, at in rows}
    new = [member for member, was in before.items() if member in came and not was]
    gone = [member for member, was in before.items() if member not in came and was]

    def work() -> Done:
        members.set_attended(campaign=found, members=new)
        members.set_attended(campaign=found, members=gone, attended=False)
        if not new and not gone:
            return Done(here, "Nothing changed.")
        words = plural(len(new), "member is here", "members are here") if new else ""
        taken = f"{plural(len(gone), 'note', 'notes')} taken back" if gone else ""
        undo = {"shown": ",".join(map(str, [*new, *gone])), "came": ",".join(map(str, gone))}
        return Done(
            here,
            f"{'; '.join(part for part in (words, taken) if part)}.",
            undo_url=request.path,
            undo_fields=undo,
        )

    return act(request, work, stay_url=here)


@page_requires(Right.ACTIVITY_VIEW)
@require_GET
def qr(request: TenantRequest, pk: UUID, member: UUID) -> HttpResponse:
    """Draw the QR code of an invitation; it holds an address that opens for our own people only."""
    guest = get_object_or_404(Member, campaign_id=pk, pk=member)
    url = request.build_absolute_uri(tenant_url(request.tenant, "campaigns:came", pk=pk, member=guest.pk))
    return HttpResponse(qr_svg(url), content_type="image/svg+xml")


# --- counting -----------------------------------------------------------------------------------


@page_requires(Right.SETTINGS_EDIT)
@require_http_methods(["GET", "POST"])
def counting(request: TenantRequest) -> HttpResponse:
    """Say where links may lead, who is not counted, and how long it is kept."""
    kept = settings_of_tenant()
    initial = {
        "hosts": "\n".join(kept.hosts),
        "tracking_host": kept.tracking_host,
        "networks": "\n".join(kept.networks),
        "consent": kept.consent,
        "keep_months": kept.keep_months,
    }
    form = CountingForm(request.POST or None, initial=initial)
    here = tenant_url(request.tenant, "campaigns:counting")

    def save() -> Done:
        data = form.cleaned_data
        save_settings(
            hosts=data["hosts"].splitlines(),
            tracking_host=data["tracking_host"],
            networks=data["networks"].splitlines(),
            consent=data["consent"],
            keep_months=data["keep_months"],
        )
        return Done(here, "Saved.", "It holds everywhere within a few seconds.")

    script = format_html(
        "{}/c/seen.js",
        f"https://{kept.tracking_host}"
        if kept.tracking_host
        else request.build_absolute_uri("/").rstrip("/"),
    )
    context = {"action": here, "nav_key": NAV, "script_url": script}
    return form_page(request, form, "campaigns/counting.html", context, save=save)
