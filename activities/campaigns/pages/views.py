"""Pages of campaigns that are read."""

import re
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Count, Q, QuerySet, Sum
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET

from activities.campaigns.counting.models import WebDay
from activities.campaigns.members.letters import columns_of, letters_at_once
from activities.campaigns.members.models import LetterFile
from activities.campaigns.pages import presentation as shown
from activities.campaigns.pages.filters import MemberFilter
from activities.campaigns.pages.forms import FilterForm, LinkForm, SentForm
from activities.campaigns.pages.tables import MemberTable
from activities.campaigns.planning.models import Campaign, Member
from activities.campaigns.results.models import Figures
from activities.campaigns.settings.queries import settings_of_tenant
from activities.campaigns.states import Again, CampaignState, Group, LetterState
from activities.rights import manages
from partners.contacts.models import Contact
from partners.directory.models import Partner
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core import calendar
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.work import broker
from prm.ui.export import answers as export
from prm.ui.form_page import Done, leave
from prm.ui.formatting import moment, number
from prm.ui.http import asks_for_progress, progress_piece
from prm.ui.lists import Empty, ListPage, page_of
from prm.ui.parts import Progress

NAV = "campaigns"
PER_PAGE = 30
COLUMNS: export.Columns[Campaign] = {
    "Campaign": lambda one: one.name,
    "State": lambda one: one.get_state_display(),
    "Goal": lambda one: one.goal,
    "Starts": lambda one: one.starts_on,
    "Ends": lambda one: one.ends_on,
    "Budget": lambda one: one.budget,
    "Spent": lambda one: one.spent,
    "Currency": lambda one: one.currency,
    "Held out, %": lambda one: one.holdout_percent,
}
SHOWN = {"now": "Now", "ended": "Ended", "all": "All"}


@require_GET
@page_requires(Right.ACTIVITY_VIEW)
def campaigns(request: TenantRequest) -> HttpResponseBase:
    """List campaigns, each with one line of result."""
    show = request.GET.get("show", "now")
    show = show if show in SHOWN else "now"
    rows = Campaign.objects.select_related("figures", "product").prefetch_related("waves")
    wanted = {"now": ~Q(state=CampaignState.ENDED), "ended": Q(state=CampaignState.ENDED), "all": Q()}[show]
    rows = rows.filter(wanted).order_by("state", "-starts_on", "-pk")
    if file := export.file_asked(request, "campaigns", COLUMNS, rows):
        return file
    page = page_of(rows, request.GET.get("page"), PER_PAGE)
    today = calendar.today(request.tenant)
    year = Campaign.objects.filter(starts_on__year=today.year, currency=request.tenant.currency)
    context = {
        "page": page,
        "rows": [
            (
                one,
                *shown.one_line(one, today),
                shown.who_line(one),
                shown.ICONS[one.main_channel],
                shown.STATUS[CampaignState(one.state)],
            )
            for one in page
        ],
        "money": year.aggregate(spent=Sum("spent"), budget=Sum("budget")),
        "year": today.year,
        "tabs": SHOWN.items(),
        "show": show,
        "may": manages(),
        "nav_key": NAV,
    }
    return render(request, "campaigns/campaigns.html", context)


def campaign_of(pk: UUID) -> Campaign:
    """Return a campaign with what its head shows, or 404."""
    rows = Campaign.objects.select_related("product", "owner__user", "figures").prefetch_related("waves")
    return get_object_or_404(rows, pk=pk)


def head(campaign: Campaign, tab: str) -> dict[str, object]:
    """Return what the head of each tab needs (1 query)."""
    return {
        "campaign": campaign,
        "tab": tab,
        "status": shown.STATUS[CampaignState(campaign.state)],
        "members": sum(wave.size for wave in campaign.waves.all()),
        "links": campaign.links.count(),
        "wave": campaign.waves.all()[len(campaign.waves.all()) - 1] if campaign.waves.all() else None,
        "may": manages(),
        "nav_key": NAV,
    }


@require_GET
@page_requires(Right.ACTIVITY_VIEW)
def campaign(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show what a campaign brought, as it was counted last."""
    found = campaign_of(pk)
    figures = getattr(found, "figures", None) or Figures(campaign=found)
    links = list(found.links.all())
    context = head(found, "result") | {
        "figures": figures,
        "sentence": shown.sentence(found, figures),
        "steps": shown.steps(found, figures),
        "axis": shown.AXIS,
        "sent_word": shown.sent_word(found).capitalize(),
        "links_counted": links,
        "most_visits": max((link.visits for link in links), default=0),
        "visits": sum(link.visits for link in links),
        "reasons": (reasons := shown.reasons(found)),
        "filtered": sum(one.requests for one in reasons),
        "most_filtered": max((one.requests for one in reasons), default=0),
        "cost": shown.cost_words(found, figures),
        "held_words": [shown.held_out_words(one) for one in found.waves.all()],
        "consent": settings_of_tenant().consent,
        "sent_form": SentForm(initial={"on": calendar.today(request.tenant)}),
        "waits_for_sending": [one for one in found.waves.all() if one.drawn_at and not one.sent_on],
    }
    return render(request, "campaigns/campaign.html", context)


@method_decorator(page_requires(Right.ACTIVITY_VIEW), name="dispatch")
class MemberList(ListPage):
    """Members with their groups and what is known of them."""

    table_class = MemberTable
    filterset_class = MemberFilter
    template_name = "campaigns/members.html"
    nouns = ("member", "members")

    @property
    def campaign(self) -> Campaign:
        """The campaign of the address."""
        if not hasattr(self, "_campaign"):
            self._campaign = campaign_of(self.kwargs["pk"])
        return self._campaign

    def get_queryset(self) -> QuerySet[Member]:
        """Return the campaign's members."""
        rows = Member.objects.filter(campaign=self.campaign)
        return rows.select_related("partner__rep__user", "contact", "wave")

    def totals(self, queryset: QuerySet[Member]) -> str:
        """Say how many of each group are shown once coins are, and how many of them ordered."""
        shown_ones = queryset.filter(wave__drawn_at__isnull=False).order_by()
        sent, held = Q(group=Group.SENT), Q(group=Group.HELD)
        found = shown_ones.aggregate(
            sent=Count("pk", filter=sent),
            held=Count("pk", filter=held),
            ordered=Count("pk", filter=sent & Q(orders__gt=0)),
            held_ordered=Count("pk", filter=held & Q(orders__gt=0)),
        )
        if not found["sent"] and not found["held"]:
            return ""
        groups = f"{number(found['sent'])} {shown.sent_word(self.campaign)}, {number(found['held'])} held out"
        return f"{groups} · {number(found['ordered'])} and {number(found['held_ordered'])} ordered"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add the head, and ways to add members while the list is open."""
        wave = self.campaign.waves.order_by("-number").first()
        extra = head(self.campaign, "members") | {
            "open_wave": wave if wave and wave.is_open else None,
            "closed": f"The list is closed since {moment(wave.drawn_at)}." if wave and wave.drawn_at else "",
            "add_form": FilterForm(member=getattr(self.request, "membership", None)),
            "may_note": current_actor().may(Right.ACTIVITY_WRITE),
            "file_url": f"{tenant_url(current_tenant(), 'bringing:add')}?kind=campaign-members&default_campaign={self.campaign.pk}",
        }
        return super().get_context_data(**extra, **kwargs)

    def get_empty(self) -> Empty:
        """Say how members come in."""
        return Empty("No members yet", "Add everybody of a saved view, or a list from a file.", "users")


@require_GET
@page_requires(Right.ACTIVITY_WRITE)
def attendance(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show who is expected, to be ticked off: at the door, or from a list on paper."""
    found = campaign_of(pk)
    words = request.GET.get("q", "").strip()
    rows = Member.objects.filter(campaign=found).select_related("partner", "contact")
    if words:
        by_person = Contact.objects.filter(name__icontains=words).values("pk")
        rows = rows.filter(
            Q(partner_id__in=Partner.objects.matching(words).values("pk")) | Q(contact_id__in=by_person)
        )
    page = page_of(rows.order_by("partner__name", "contact__name", "pk"), request.GET.get("page"), PER_PAGE)
    context = head(found, "members") | {"page": page, "words": words}
    return render(request, "campaigns/attendance.html", context)


def ids_of(request: TenantRequest, name: str) -> list[UUID]:
    """Return the ids of a field that is sent several times, or once with commas; what is no id is left out."""
    found = []
    for part in (one for value in request.POST.getlist(name) for one in value.split(",")):
        try:
            found.append(UUID(part))
        except ValueError:
            continue
    return found


@require_GET
@page_requires(Right.ACTIVITY_VIEW)
def links(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show the addresses that a campaign's links may lead to."""
    found = campaign_of(pk)
    kept = settings_of_tenant()
    context = head(found, "links") | {"rows": found.links.all(), "form": LinkForm(), "counting": kept}
    return render(request, "campaigns/links.html", context)


@require_GET
@page_requires(Right.ACTIVITY_MANAGE)
def letters(request: TenantRequest, pk: UUID) -> HttpResponseBase:
    """Give the file for whoever sends: each member with address and links; with `again` only of those who did nothing yet.

    Where they are many a worker writes it.
    """
    found, again = campaign_of(pk), request.GET.get("again", "")
    if again not in ("", *Again.values):
        raise Http404
    try:
        rows = letters_at_once(found, again)
    except Refused as refused:
        return leave(request, Done(campaign_url(pk), refused.message, kind="bad"))
    if rows is None:
        return letters_of_many(request, found, again)
    sheet = export.sheet_of(f"letters {found.name} {again}".strip(), columns_of(found), rows)
    return export.exported(export.asked(request) or "csv", sheet, rows=len(rows))


def letters_of_many(request: TenantRequest, found: Campaign, again: str) -> HttpResponseBase:
    """Show how far the file is that a worker writes, or give it (`?take=1`); one for others is none."""
    file = LetterFile.objects.filter(campaign=found, again=again).first()
    if file is not None and file.is_there and request.GET.get("take"):
        name = re.sub(r"[^a-z0-9]+", "-", f"letters {found.name} {again}".lower()).strip("-")
        content = default_storage.open(file.stored_as)
        return FileResponse(
            content, as_attachment=True, filename=f"{name}.csv", content_type="text/csv; charset=utf-8"
        )
    progress = progress_of(file, letters_url(found.pk, again)) if file else None
    if asks_for_progress(request):
        return progress_piece(request, progress)
    return render(
        request,
        "campaigns/letters.html",
        head(found, "letters")
        | {
            "file": file,
            "progress": progress,
            "again": again,
            "whom": Again(again).label.lower() if again else "",
        },
    )


def progress_of(file: LetterFile, address: str) -> Progress:
    """Return how far a file of letters is."""
    return Progress(
        done=file.done,
        total=file.total or None,
        running=file.is_busy,
        unreachable=file.state == LetterState.ASKED and not broker.answers(),
        page_url=address,
    )


@require_GET
@page_requires(Right.ACTIVITY_VIEW)
def days(request: TenantRequest, pk: UUID, link: UUID) -> HttpResponse:
    """Show the days on which partners opened a link's page: the rows of its figure."""
    found = campaign_of(pk)
    shown_link = get_object_or_404(found.links, pk=link)
    rows = WebDay.objects.filter(link=shown_link).select_related("partner").order_by("-day", "-pk")
    page = page_of(rows, request.GET.get("page"), PER_PAGE)
    return render(request, "campaigns/days.html", head(found, "links") | {"link": shown_link, "page": page})


def letters_url(pk: UUID, again: str = "") -> str:
    """Return the address of a campaign's letters, of all or of those who did nothing yet."""
    return campaign_url(pk, "letters") + (f"?again={again}" if again else "")


def campaign_url(pk: UUID, name: str = "campaign") -> str:
    """Return the address of one of a campaign's pages."""
    return tenant_url(current_tenant(), f"campaigns:{name}", pk=pk)
