"""Tracked links under load, with a process killed amid it; and pages with 10,000,000 web events instead of 10,000.

A server of its own (gunicorn, two workers of four threads) is asked for redirects at a fixed rate, each as another visitor. Half-way all
workers are killed with SIGKILL, and the rest is asked of a second server: every visitor that was led on must be found stored. One visitor asks for
one link 10,000 times while others come: that is one visit. Then two
fresh tenants, one with a thousand times the days of the other, show their board, a campaign, a timeline and a partner's page in turns.

    python -m bench web_visits [--rate N] [--seconds N] [--events N] [--times N] [--only redirects|one-visitor|pages]
"""

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bench.common import ROOT, fresh_tenant, start_django, stop_if_wrong
from bench.pages import House, _analyse, _people, measure

RATE, SECONDS, EVENTS, FEW, TIMES = 200, 20, 10_000_000, 10_000, 7
ONE_VISITOR = 10_000
PARTNERS, LINKS, SLICE = 2_000, 4, 1_000_000
GOAL_MS, GOAL_RATIO = 30.0, 1.5
_BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.{}.0 Safari/537.36"
)

_DAYS = """
INSERT INTO campaigns_webday (tenant_id, id, campaign_id, link_id, partner_id, day, visits)
SELECT %(tenant)s, (%(stem)s || to_hex(4294967296 + n - %(begin)s))::uuid, %(campaign)s, l.id, p.id,
       %(today)s::date - ((n / (%(partners)s * %(links)s)) %% 5000)::int, 1
FROM generate_series(%(begin)s, %(end)s - 1) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM partners_partner) p ON p.place = n %% %(partners)s
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM campaigns_link) l
  ON l.place = (n / %(partners)s) %% %(links)s
ON CONFLICT DO NOTHING
"""
_RULES = """
SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'campaigns_webday'::regclass AND contype IN ('f', 'p', 'u') ORDER BY contype DESC
"""
_INDEXES = """
SELECT quote_ident(c.relname), pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'campaigns_webday'::regclass
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
"""


def furnish(rows: int) -> tuple[House, Any]:
    """Return a fresh tenant with partners, a campaign of four links with so many days of visits, and its people."""
    from activities.campaigns.results.service import count_figures
    from partners.directory.models import Partner
    from partners.directory.service import create_partners_from_codes
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    house = House(fresh_tenant())
    tenant = Tenant.objects.get(slug=house.slug)
    with tenant_scope(tenant):
        codes = {f"C{number:06}": f"Partner {number:06}" for number in range(PARTNERS)}
        create_partners_from_codes(codes, kind="agent", scheme="customer number")
        campaign = _campaign(tenant)
    _add_days(tenant, campaign, rows)
    with tenant_scope(tenant):
        count_figures(campaign.pk)
        house.partner = Partner.objects.order_by("codes__code").first()
    _people(house, tenant)
    return house, campaign


def _campaign(tenant: Any) -> Any:
    """Return a campaign that was sent to every partner today, with its links."""
    from activities.campaigns.members.service import add_members
    from activities.campaigns.planning.service import (
        CampaignInput,
        add_link,
        create_campaign,
        mark_sent,
        start_campaign,
    )
    from activities.campaigns.settings.service import save_settings
    from partners.directory.models import Partner
    from prm.core import calendar

    today = calendar.today(tenant)
    save_settings(hosts=["www.bench.example"], consent="Counted.", keep_months=120)
    details = CampaignInput(
        name="Bench", channels=["email"], starts_on=today, ends_on=today, holdout_percent=0
    )
    campaign = create_campaign(details=details)
    for number in range(LINKS):
        add_link(campaign=campaign, label=f"Page {number}", url=f"https://www.bench.example/{number}")
    add_members(campaign=campaign, partners=list(Partner.objects.values_list("pk", flat=True)))
    campaign = start_campaign(campaign=campaign)
    mark_sent(wave=campaign.waves.get(), on=today)
    return campaign


def _add_days(tenant: Any, campaign: Any, rows: int) -> None:
    """Write days of visits as the tables' owner: references and indexes are made anew at the end, at once and not by the row."""
    from django.db import connection

    from prm.core import calendar
    from prm.core.ids import id_stem
    from prm.tenancy.backend.owner import owner_mode
    from prm.tenancy.context import tenant_scope

    values = {
        "tenant": tenant.pk, "campaign": campaign.pk, "today": calendar.today(tenant), "partners": PARTNERS, "links": LINKS,
    }  # fmt: skip
    with owner_mode(), tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(_RULES)
        rules = cursor.fetchall()
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        cursor.execute("ALTER TABLE campaigns_webday DISABLE TRIGGER USER")
        for name, _ in rules:
            cursor.execute(f"ALTER TABLE campaigns_webday DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for begin in range(0, rows, SLICE):
            slice_ = {"stem": id_stem(), "begin": begin, "end": min(begin + SLICE, rows)}
            cursor.execute(_DAYS, values | slice_)
        for _, words in indexes:
            cursor.execute(words)
        for name, words in rules:
            cursor.execute(f"ALTER TABLE campaigns_webday ADD CONSTRAINT {name} {words}")
        cursor.execute("ALTER TABLE campaigns_webday ENABLE TRIGGER USER")


# --- redirects ----------------------------------------------------------------------------------


def serve() -> tuple[subprocess.Popen[bytes], int]:
    """Start a server and wait until it answers; returns it and its port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    words = [
        sys.executable,
        "-m",
        "gunicorn",
        "prm.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
        "--threads",
        "4",
    ]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "prm.local.environment",
            *words,
            "--no-control-socket",
            "--log-level",
            "error",
        ],
        cwd=ROOT,
        start_new_session=True,
    )
    for _ in range(300):
        try:
            _ask(port, "/c/seen.js", 0)
        except OSError:
            time.sleep(0.1)
        else:
            return server, port
    raise SystemExit("the server does not answer")


def _ask(port: int, path: str, visitor: int) -> tuple[int, float]:
    started = time.perf_counter()
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        asked.request("GET", path, headers={"User-Agent": _BROWSER.format(visitor)})
        status = asked.getresponse().status
    finally:
        asked.close()
    return status, time.perf_counter() - started


def redirects(house: House, campaign: Any, rate: int, seconds: int) -> tuple[list[float], int, int]:
    """Ask at a fixed rate, killing the server half-way; returns times, visitors led on and visitors found stored."""
    from activities.campaigns.counting.models import WebEvent
    from activities.campaigns.planning import tokens
    from activities.campaigns.planning.models import Member
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    tenant = Tenant.objects.get(slug=house.slug)
    with tenant_scope(tenant):
        members = list(Member.objects.values_list("pk", flat=True))
        links = list(campaign.links.values_list("pk", flat=True))
    paths = [
        f"/c/{tokens.token(tokens.Named(tenant.pk, members[n % len(members)], links[n // len(members) % len(links)]))}"
        for n in range(rate * seconds)
    ]
    times, led = [], 0
    for half in (paths[: len(paths) // 2], paths[len(paths) // 2 :]):
        server, port = serve()
        for warm in range(40):
            _ask(port, "/c/" + "x" * 80, warm)
        taken, ok = _at_rate(port, half, rate)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        times += taken
        led += ok
    with tenant_scope(tenant):
        stored = WebEvent.objects.filter(campaign=campaign).count()
    return times, led, stored


def _at_rate(port: int, paths: Sequence[str], rate: int) -> tuple[list[float], int]:
    taken: list[float] = []
    statuses: list[int] = []
    lock = threading.Lock()

    def one(number: int, path: str) -> None:
        try:
            status, seconds = _ask(port, path, number)
        except OSError:
            status, seconds = 0, float("inf")
        with lock:
            taken.append(seconds)
            statuses.append(status)

    threads = []
    started = time.perf_counter()
    for number, path in enumerate(paths):
        wait = started + number / rate - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        threads.append(threading.Thread(target=one, args=(number, path)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return taken, statuses.count(302)


def hammer(house: House, campaign: Any, times: int) -> tuple[list[float], list[float], int, int]:
    """Let one visitor ask for one link over and over, while others come as before.

    Returns the others' times alone and meanwhile, the events kept of that visitor, and the visits counted after settling.
    """
    from activities.campaigns.counting.models import WebDay, WebEvent
    from activities.campaigns.counting.service import settle
    from activities.campaigns.planning import tokens
    from activities.campaigns.planning.models import Member
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    tenant = Tenant.objects.get(slug=house.slug)
    with tenant_scope(tenant):
        loud, *others = Member.objects.order_by("-pk").values_list("pk", flat=True)[:401]
        link = campaign.links.order_by("-pk").values_list("pk", flat=True)[0]
    path, *paths = [f"/c/{tokens.token(tokens.Named(tenant.pk, one, link))}" for one in (loud, *others)]

    def counted() -> int:
        days = WebDay.objects.filter(campaign=campaign, link=link, partner__campaign_members=loud)
        return sum(days.values_list("visits", flat=True))

    server, port = serve()
    alone, _ = _at_rate(port, paths[:200], 20)
    rest = iter(range(times))

    def ask_again() -> None:
        for _ in rest:
            _ask(port, path, 0)

    asking = [threading.Thread(target=ask_again) for _ in range(2)]
    for thread in asking:
        thread.start()
    meanwhile, _ = _at_rate(port, paths[200:], 20)
    for thread in asking:
        thread.join()
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    with tenant_scope(tenant):
        kept = WebEvent.objects.filter(member=loud).count()
        before = counted()
        while settle(wait=timedelta()):
            pass
        visits = counted() - before
    return alone, meanwhile, kept, visits


def _hammered(few: tuple[House, Any], times: int) -> list[str]:
    """Print how often one visitor counts who came so many times; returns what is wrong."""
    alone, meanwhile, kept, visits = hammer(*few, times)
    quiet, loud = (1000 * sorted(one)[int(len(one) * 0.95)] for one in (alone, meanwhile))
    print(
        f"one visitor, one link, {times:,} times: {kept} event kept, {visits} visit counted; "
        f"p95 of others {loud:.1f} ms meanwhile, {quiet:.1f} ms alone",
        flush=True,
    )
    return [] if kept == visits == 1 else ["One visitor of one link on one day is one visit."]


# --- pages --------------------------------------------------------------------------------------


def pages(house: House, campaign: Any) -> list[str]:
    """Return the addresses that are compared."""
    page = f"/t/{house.slug}"
    return [
        f"{page}/campaigns/",
        f"{page}/campaigns/{campaign.pk}/",
        f"{page}/timeline/?partner={house.partner.pk}",
        f"{page}/partners/{house.partner.pk}/",
    ]


def compare(few: tuple[House, Any], many: tuple[House, Any], times: int) -> None:
    """Ask both tenants for each page in turns and print the best of each with their ratio."""
    for ours, theirs in zip(pages(*few), pages(*many), strict=True):
        taken: list[list[float]] = [[], []]
        for _ in range(times):
            for at, (house, address) in enumerate(((few[0], ours), (many[0], theirs))):
                taken[at].append(measure(house, "manager", address)[0])
        small, large = (1000 * min(one) for one in taken)
        name = ours.removeprefix(f"/t/{few[0].slug}").replace(str(few[0].partner.pk), "…")
        name = name.replace(str(few[1].pk), "…")
        print(
            f"{name:28} {small:6.0f} ms {large:6.0f} ms  {large / small:5.2f}x (goal {GOAL_RATIO})",
            flush=True,
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the times of redirects and of pages, and end with what is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, value in (("rate", RATE), ("seconds", SECONDS), ("events", EVENTS), ("times", TIMES)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--only", choices=["redirects", "one-visitor", "pages"])
    options = parser.parse_args(arguments)
    start_django()
    few = furnish(min(FEW, options.events))
    wrong = []
    if options.only in (None, "redirects"):
        wrong += _redirected(few, options.rate, options.seconds)
    if options.only in (None, "one-visitor"):
        wrong += _hammered(few, ONE_VISITOR)
    if options.only in (None, "pages"):
        many = furnish(options.events)
        _analyse()
        compare(few, many, options.times)
    stop_if_wrong(wrong)


def _redirected(few: tuple[House, Any], rate: int, seconds: int) -> list[str]:
    """Print how redirects fared; returns what is wrong."""
    times, led, stored = redirects(*few, rate, seconds)
    times.sort()
    p50, p95 = (1000 * times[int(len(times) * part)] for part in (0.5, 0.95))
    unanswered = rate * seconds // 2 * 2 - led
    print(
        f"{len(times)} redirects at {rate}/s: p50 {p50:.1f} ms, p95 {p95:.1f} ms (goal {GOAL_MS:.0f}), {unanswered} unanswered"
    )
    print(f"{led} led on, {stored} stored, killed twice", flush=True)
    # What was stored and not answered any more is lost to nobody.
    return [f"{led - stored} events are lost"] if stored < led else []
