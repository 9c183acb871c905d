"""Every component on pages of its own: what the kit's tests open in a browser.

A URLconf and its views; no database is touched. Roles, tenant and theme come from the query.
"""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import SimpleNamespace
from uuid import uuid4

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path

from partners import marks
from prm.accounts.models import User
from prm.core.clock import now
from prm.tenancy.models import Tenant
from prm.ui import charts, components
from prm.ui import tables as ui
from prm.ui.formatting import signed
from prm.ui.http import asks_for_progress, invalid, progress_piece, saved
from prm.ui.lists import Empty, ListPage, NoMatch
from prm.ui.navigation import NavItem
from prm.ui.parts import Figure, Item, Progress, Step
from prm.ui.toasts import toast

TENANT = Tenant(slug="mercy", name="Mercy Hospital", partner_noun="provider", partner_noun_plural="providers")


class KitRight(StrEnum):
    """What the kit's people may do."""

    VISIT = "visit"
    LOOK = "look"
    DECIDE = "decide"


RIGHTS = {
    "rep": frozenset({KitRight.VISIT, KitRight.LOOK}),
    "manager": frozenset({KitRight.LOOK, KitRight.DECIDE}),
}


def plural():
    return TENANT.partner_noun_plural.capitalize()


ITEMS = [
    NavItem(
        key="today",
        label="Today",
        icon="sun",
        url_name="kit:today",
        right=KitRight.VISIT,
        order=10,
        phone=True,
        counter=lambda member: 7,
        go="T",
    ),
    NavItem(
        key="overview",
        label="Overview",
        icon="layout-dashboard",
        url_name="kit:pieces",
        right=KitRight.DECIDE,
        order=10,
        phone=True,
        go="O",
    ),
    NavItem(
        key="partners",
        label=plural,
        icon="users",
        url_name="kit:list",
        right=KitRight.LOOK,
        order=20,
        phone=True,
        go="P",
    ),
    NavItem(
        key="log",
        label="Log visit",
        icon="plus",
        url_name="kit:form",
        right=KitRight.VISIT,
        order=25,
        primary=True,
        takes="partner",
    ),
    NavItem(
        key="opportunities",
        label="Opportunities",
        phone_label="Pipeline",
        icon="target-arrow",
        url_name="kit:pieces",
        right=KitRight.VISIT,
        order=30,
        phone=True,
    ),
    NavItem(
        key="panel",
        label="My panel",
        icon="calendar-time",
        url_name="kit:progress",
        right=KitRight.VISIT,
        order=40,
        phone=True,
    ),
    NavItem(
        key="review",
        label="Tier review",
        phone_label="Review",
        icon="stairs-up",
        url_name="kit:charts",
        right=KitRight.DECIDE,
        section="Decide",
        order=10,
        phone=True,
        counter=lambda member: 7,
        decision=True,
        go="R",
    ),
    NavItem(
        key="unattributed",
        label="Unattributed orders",
        icon="help-hexagon",
        url_name="kit:progress",
        right=KitRight.DECIDE,
        section="Revenue data",
        order=10,
        counter=lambda member: 38,
    ),
]


class NoMessages(BaseStorage):
    """Messages of this request alone; nothing is stored."""

    def _get(self, *args, **kwargs):
        return [], True

    def _store(self, messages, response, *args, **kwargs):
        return []


def dress(request):
    """Give the request what the middleware gives: user (another one by the cookie `person`), tenant, membership."""
    role = request.GET.get("role", "rep")
    request.user = User(
        pk=request.COOKIES.get("person", "dana"),
        email="dana@mercy.example",
        name="Dana Whitaker",
        theme=request.GET.get("theme", "system"),
        shortcuts=request.GET.get("keys") != "off",
    )
    request.tenant = TENANT
    request.membership = SimpleNamespace(pk=uuid4(), user=request.user)
    request.rights = RIGHTS[role]
    request.session = {}
    request._messages = NoMessages(request)


def page(view):
    def inner(request, tenant):
        dress(request)
        return view(request)

    return inner


COMPONENTS = [
    charts.Part("Revenue", 18, 25, 1, "$412,000 a year, $88,000 below high"),
    charts.Part("Orders trend", 6, 10, 1, "13 orders a month since August, 10 before"),
    charts.Part("Regularity", 11, 15, 0, "Orders in 6 of 6 months, last 2 days ago"),
    charts.Part("Market share", 8, 15, 0, "43% of her estimated orders come to us"),
    charts.Part("Visits", 11, 15, 4, "3 of 4 planned done; 1 of 4 in October"),
    charts.Part("Pipeline budget", 6, 8, 1, "$120,000 expected, raised by $30,000"),
    charts.Part("Win ratio", 4, 7, -1, "Won 5 of 9 against St. Brendan"),
    charts.Part("Web visits", 3, 5, 0, "2 of 3 campaign pages opened"),
]
ORDERS = [5, 6, 6, 7, 6, 8, 7, 7, 8, 9, 8, 9, 8, 10, 9, 7, 8, 9, 10, 11, 12, 12, 14, 9]
MONTHS = [date(2024 + (11 + place) // 12, (11 + place) % 12 + 1, 1) for place in range(24)]
STATES = [
    charts.Series("Issued", [6, 7, 5, 8, 7, 9, 8, 8, 10, 9, 7, 2], "us"),
    charts.Series("In progress", [0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 6, 10], "soft"),
    charts.Series("Not taken", [2, 3, 1, 2, 2, 2, 3, 1, 3, 2, 1, 1], "mute"),
]


def order_chart():
    visits = [
        (2025, 1, 8),
        (2025, 3, 20),
        (2025, 5, 12),
        (2025, 9, 1),
        (2026, 3, 2),
        (2026, 8, 14),
        (2026, 11, 12),
        (2026, 11, 20),
    ]
    return charts.month_bars(
        title="Orders per month",
        months=MONTHS,
        series=[charts.Series("Orders", ORDERS)],
        incomplete_last=True,
        dots=[charts.Dot(date(*day), place % 3 != 1, "In person") for place, day in enumerate(visits)],
        dots_label="Visits",
        events=[charts.Event(date(2026, 3, 2), "St. Brendan opens chest-pain clinic")],
        unit="orders",
    )


@page
def partner(request):
    return render(
        request,
        "kit/partner.html",
        {
            "figures": [
                Figure("Score", html=marks.score(67, 6)),
                Figure("Tier", html=marks.tier("medium")),
                Figure("Level", html=marks.level("repeat")),
                Figure("Revenue, 12 months", "$412,000"),
                Figure("Market share", "43%", "37–50%"),
                Figure("Visits this month", "3 of 4", components.dots(3, 4, "visits")),
                Figure("Next", "Today, 11:00", last=True),
            ],
            "fall": charts.waterfall(
                COMPONENTS, noun="score", previous_month="Oct", next_step="today’s visit +2, echo lab won +3"
            ),
            "chart": order_chart(),
            "room": charts.part_of(
                words="$412,000 of more",
                ours=412_000,
                low=830_000,
                high=1_100_000,
                estimate=960_000,
                currency="USD",
            ),
            "items": [
                Item(
                    "phone",
                    "Phone call",
                    "Fri 20 Nov",
                    "Wants echo slots within 48 hours. Promised contact sheet.",
                    "Promise 2 days late",
                    "bad",
                ),
                Item("package", "3 orders, $9,240", "19–21 Nov", "Echo 2, stress test 1"),
                Item(
                    "swords",
                    "Insight: lost to St. Brendan",
                    "17 Nov",
                    "Chest-pain referral, because of an earlier appointment.",
                ),
                Item(
                    "walk",
                    "Visit",
                    "12 Nov",
                    "Showed structural-heart outcomes. Score 63 → 66.",
                    undo_url="/undo/",
                ),
            ],
        },
    )


@page
def pieces(request):
    for kind, title, undo in (("good", "Visit saved.", "/undo/"), ("bad", "Could not save.", "")):
        if request.GET.get("toast"):
            toast(request, title, "Score 61 → 64 <b>", undo_url=undo, kind=kind)
    if request.GET.get("toast"):
        messages.info(request, "A plain message <script>")
    return render(
        request,
        "kit/pieces.html",
        {
            "values": ORDERS[-12:],
            "tiers": ["high", "medium", "low"],
            "levels": ["prospect", "new", "repeat", "lapsed"],
            "statuses": [
                ("Neutral", "neutral"),
                ("Running", "run"),
                ("Agrees", "good"),
                ("Draft", "draft"),
                ("Differs", "bad"),
            ],
            "no_match": NoMatch(
                "No providers match these 3 filters", "Without “Trend is falling” there are 212.", "?", "?"
            ),
            "facts": [("Above the band", "2 of 2 quarters needed"), ("Orders", None)],
        },
    )


@page
def chart_page(request):
    axis = charts.share_axis()
    effects = charts.axis(Decimal("-0.1"), Decimal("0.3"), reference=0)
    rows = [
        ("Harborline Mutual", charts.interval(axis, estimate=0.38, low=0.29, high=0.48)),
        ("Agent portal", charts.interval(axis, estimate=0.46, low=0.23, high=0.75, state="none")),
        (
            "For them",
            charts.interval(axis, estimate=0.29, low=0.2, high=0.4, state="them", words="29%, 20 to 40%"),
        ),
        ("Ridgeway Re", charts.interval(axis, estimate=0.5, low=0.09, high=0.91, state="unknown")),
        ("Nobody", charts.interval(axis, estimate=None, low=None, high=None)),
    ]
    return render(
        request,
        "kit/charts.html",
        {
            "stacked": charts.month_bars(
                title="Referrals per month", months=MONTHS[-12:], series=STATES, unit="referrals"
            ),
            "reversed": charts.month_bars(
                title="Net revenue per month",
                months=MONTHS[-12:],
                series=[
                    charts.Series(
                        "Revenue", [Decimal(n) * 1000 for n in (12, 14, -6, 20, 22, 18, 0, 9, 31, 28, -2, 12)]
                    )
                ],
                currency="USD",
                incomplete_last=True,
            ),
            "nothing": charts.month_bars(
                title="Orders per month", months=MONTHS, series=[charts.Series("Orders", [0] * 24)]
            ),
            "hostile": charts.month_bars(
                title="</title><script>alert(1)</script>",
                months=MONTHS[:3],
                series=[charts.Series('"><img src=x>', [1, None, float("nan")])],
            ),
            "quarters": charts.labelled_bars(
                title="Trailing 12 months",
                labels=["Q3", "Q4", "Q1", "Q2", "Q3", "Q4"],
                series=[charts.Series("Revenue", [400_000, 420_000, 445_000, 470_000, 511_000, 538_200])],
                strong_last=2,
                currency="USD",
                lines=[charts.Line(500_000, "High $500k"), charts.Line(250_000, "Medium $250k")],
            ),
            "axis": axis,
            "rows": rows,
            "effects": effects,
            "effect": charts.interval(effects, estimate=0.12, low=-0.02, high=0.26),
            "rooms": [
                charts.part_of(words="a part", ours=ours, low=low, high=high, estimate=middle, currency="USD")
                for ours, low, high, middle in (
                    (412_000, 830_000, 1_100_000, 960_000),
                    (20_000, 25_000, 900_000, None),
                    (500_000, 100_000, 200_000, 150_000),
                    (0, 0, 0, None),
                )
            ],
            "bands": [
                charts.position(value, edges=[250_000, 500_000], before=before, words="a place")
                for value, before in ((538_200, 490_000), (388_120, 510_000), (9_000_000, None))
            ],
            "fall": charts.waterfall(
                [
                    charts.Part("Revenue", 17.6, 25, None, "<b>$</b>"),
                    charts.Part("Win ratio", None, 7, None, "7 cases: cannot tell yet"),
                ],
                noun="score",
            ),
            "empty_fall": charts.waterfall([], noun="score"),
        },
    )


class VisitForm(forms.Form):
    channel = forms.ChoiceField(
        label="How",
        choices=[("in_person", "In person"), ("phone", "Phone"), ("video", "Video"), ("email", "E-mail")],
        widget=forms.RadioSelect(attrs={"class": "segments"}),
        initial="in_person",
    )
    purpose = forms.ChoiceField(
        label="Purpose",
        choices=[
            ("service", "Service issue"),
            ("new", "New capability"),
            ("relation", "Relationship"),
            ("outcome", "Outcome review"),
        ],
        widget=forms.RadioSelect,
    )
    learned = forms.CharField(
        label="What did you learn?",
        widget=forms.Textarea,
        help_text="No patient names. You can dictate.",
        required=False,
    )
    step = forms.CharField(label="Next step", required=False)
    due = forms.DateField(label="Due", required=False)
    competitor = forms.ChoiceField(
        label="Competitor", required=False, choices=[("", "Choose"), ("a", "St. Brendan")]
    )
    because = forms.MultipleChoiceField(
        label="Because of",
        required=False,
        choices=[("t", "Technology"), ("l", "Location")],
        widget=forms.CheckboxSelectMultiple,
    )
    amount = forms.DecimalField(label="Expected amount", required=False, help_text="was $48,000 for 31 March")
    private = forms.BooleanField(label="Only for me", required=False, help_text="Nobody else sees it.")
    secret = forms.CharField(label="Code word", required=False, widget=forms.PasswordInput)


@page
def form(request):
    bound = VisitForm(request.POST or None, initial={"purpose": "new"})
    if request.GET.get("bad"):
        bound = VisitForm({"channel": "phone", "due": "31 November", "amount": "many"})
    context = {"form": bound, "cancel": "/t/mercy/kit/"}
    if request.method == "POST":
        if not bound.is_valid():
            return invalid(request, "kit/form.html", context)
        toast(request, "Visit saved.", "Score 61 → 64", undo_url="/undo/")
        row = '<p id="row" hx-swap-oob="true">Logged 9:41</p>'
        return saved(request, "/t/mercy/kit/", fragments=[row])
    return render(request, "kit/form.html", context)


@page
def today(request):
    rows = [
        (
            "9:30",
            "Dr. Samuel Okafor",
            "Orthopedics",
            "2 of 4 visits done, 5 workdays left",
            "medium",
            61,
            3,
            2,
            4,
        ),
        (
            "11:00",
            "Dr. Elena Marchetti",
            "Cardiology",
            "Asked for echo slots within 48 hours",
            "medium",
            67,
            6,
            3,
            4,
        ),
        (
            "Any",
            "Dr. Peter van Dyke",
            "Family medicine",
            "Quarterly call, last seen 9 September",
            "high",
            82,
            0,
            1,
            2,
        ),
    ]
    figures = [
        Figure("Visits this month", "31", "of 44 planned"),
        Figure("Panel score, average", "58", signed(2)),
        Figure("Orders from panel, this month", "143", "151 by this day in October"),
    ]
    return render(
        request,
        "kit/today.html",
        {"rows": rows, "figures": figures, "spark": [7, 8, 9, 8, 7, 8, 8, 7, 5, 4, 3, 2]},
    )


PARTNERS = [
    {
        "pk": place,
        "name": name,
        "specialty": specialty,
        "tier": tier,
        "level": "repeat",
        "score": score,
        "change": change,
        "revenue": Decimal(revenue),
        "months": [max(0, (place * 3 + step * 7) % 11 - 1) for step in range(12)],
        "share": 0.38,
        "room": Decimal(revenue) * 2,
        "seen": None if place == 3 else now() - timedelta(days=place * 9),
        "rep": "Dana Whitaker",
    }
    for place, (name, specialty, tier, score, change, revenue) in enumerate(
        [
            ("Cedar Valley Medical Group", "Practice", "high", 71, -5, 688_400),
            ("Dr. Aisha Siddiqui", "Neurology", "high", 74, -3, 601_250),
            (
                "Riverbend Family Practice of the Greater Northern Valley Association",
                "Practice",
                "medium",
                63,
                2,
                447_900,
            ),
            ("Dr. Tomás <Herrera>", "Pulmonology", None, None, None, 388_120),
            ("Dr. Karen Lindqvist", "Endocrinology", "low", 52, 0, 9_700),
        ]
        * 4
    )
]


class PartnerTable(ui.ListTable):
    name = ui.NameColumn(second="specialty", verbose_name="Provider")
    tier = ui.Column()
    level = ui.Column(css="prm-col-desk")
    score = ui.NumberColumn()
    revenue = ui.MoneyColumn(verbose_name="Revenue, 12 m")
    months = ui.SparkColumn(verbose_name="Orders, 12 m", orderable=False)
    share = ui.PercentColumn(css="prm-col-desk prm-num")
    room = ui.MoneyColumn(short=True, verbose_name="Headroom", css="prm-col-desk prm-num")
    seen = ui.DayColumn(verbose_name="Last visit", ago=True)
    rep = ui.AvatarColumn()

    class Meta(ui.ListTable.Meta):
        order_by = "-revenue"

    def render_tier(self, value):
        return marks.tier(value)

    def render_level(self, value):
        return marks.level(value)

    def render_score(self, value, record):
        return marks.score(value, record["change"], bar=False)

    def row_url(self, record):
        return f"/t/mercy/kit/partner/?pk={record['pk']}"

    def row_about(self, record):
        return f"partner={record['pk']}"


class PartnerFilter(django_filters.FilterSet):
    """Over a list instead of a queryset: the kit has no tables of its own."""

    q = django_filters.CharFilter(method="keep", label="Search")
    tier = django_filters.ChoiceFilter(
        label="Tier", choices=[("high", "High"), ("medium", "Medium"), ("low", "Low")], method="keep"
    )
    room = django_filters.NumberFilter(label="Headroom", lookup_expr="gte", method="keep")
    active = django_filters.BooleanFilter(label="Active", method="keep")

    def filter_queryset(self, rows):
        wanted = self.form.cleaned_data
        return Rows(
            row
            for row in rows
            if wanted["q"].lower() in row["name"].lower()
            and wanted["tier"] in ("", row["tier"])
            and (wanted["room"] is None or row["room"] >= wanted["room"])
        )

    def keep(self, rows, name, value):
        raise AssertionError("filter_queryset filters")


class Rows(list):
    """A list with the few queryset words that ListPage uses."""

    model = None

    def all(self):
        return self

    def none(self):
        return Rows()

    def count(self, *args):
        return len(self)


class PartnerList(ListPage):
    table_class = PartnerTable
    filterset_class = PartnerFilter
    template_name = "kit/list.html"
    nouns = ("provider", "providers")
    empty = Empty(
        "No providers yet",
        "They come with the first orders, or one by one.",
        action_url="/t/mercy/kit/form/",
        action_label="Add provider",
        action_sheet=True,
    )
    table_pagination = {"per_page": 14}

    def dispatch(self, request, tenant):
        dress(request)
        return super().dispatch(request)

    def get_queryset(self):
        return Rows([] if self.request.GET.get("none") else PARTNERS)

    def totals(self, queryset):
        return "revenue $7.9M, headroom $9.6M"


@page
def progress(request):
    steps = [
        Step("Read", "18,240 rows, 0.8 s", "done"),
        Step("Check", "29 rejected", "done"),
        Step("Tie to providers", "251 to the queue", "now"),
        Step("Write orders"),
        Step("Scores and Salesforce", "", "waits"),
    ]
    running = Progress(
        12_600, 18_211, seconds_left=3, per_second=2104, steps=steps, page_url="/t/mercy/kit/progress/"
    )
    if asks_for_progress(request):
        over = progress_piece(request, None)
        over.set_cookie("over", "yes")
        return over
    if "over" in request.COOKIES:
        running = Progress(18_211, 18_211, steps=[Step("Read", "", "done")], running=False)
    failed = Progress(
        12, None, steps=[Step("Read", "no header in line 1", "failed")], running=False, element_id="failed"
    )
    return render(request, "kit/progress.html", {"running": running, "failed": failed})


@page
def chooser(request):
    rows = [
        SimpleNamespace(tenant=TENANT, role_label="Manager", url="/t/mercy/kit/"),
        SimpleNamespace(
            tenant=Tenant(slug="anchor", name="Anchor Insurance"), role_label="Agent", url="/t/anchor/kit/"
        ),
    ]
    return render(request, "accounts/chooser.html", {"memberships": [] if request.GET.get("none") else rows})


@page
def broken(request):
    return HttpResponse(status=500)


kit = [
    path("", pieces, name="pieces"),
    path("partner/", partner, name="partner"),
    path("charts/", chart_page, name="charts"),
    path("form/", form, name="form"),
    path("today/", today, name="today"),
    path("list/", PartnerList.as_view(), name="list"),
    path("progress/", progress, name="progress"),
    path("chooser/", chooser, name="chooser"),
    path("broken/", broken, name="broken"),
]
urlpatterns = [
    path("t/<slug:tenant>/kit/", include((kit, "kit"))),
    path("", include("prm.accounts.global_urls")),
    path("ui/", include("prm.ui.shell.urls")),
    path("account/", include("allauth.urls")),
]


def registered():
    """The kit's own navigation, in the place of the apps'."""
    return iter(ITEMS)
