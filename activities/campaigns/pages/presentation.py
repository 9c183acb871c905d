"""A campaign's figures as rows, words and ranges."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from activities.campaigns.counting.models import Filtered
from activities.campaigns.planning.models import Campaign, Wave
from activities.campaigns.results.models import Figures
from activities.campaigns.results.rules import Verdict, cost_of_one, difference, verdict
from activities.campaigns.states import SENT_WORDS, WHY_WORDS, CampaignState, Channel, Why
from prm.tenancy.context import current_tenant
from prm.ui import charts
from prm.ui.formatting import day, money, number, percent

ICONS = {
    Channel.EMAIL: "mail",
    Channel.EVENT: "calendar-event",
    Channel.MAILING: "mail-forward",
    Channel.PAGE: "browser",
}
STATUS = {CampaignState.DRAFT: "draft", CampaignState.RUNNING: "run", CampaignState.ENDED: "neutral"}
_ONE = 100
# In partners of 100.
AXIS = charts.axis(-10, 30)


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the result. `held` is `None` for what only those can do who were sent something."""

    label: str
    note: str
    done: int
    of: int
    held: int | None = None
    held_of: int = 0
    range: charts.Interval | None = None
    words: str = ""
    verdict: Verdict | None = None

    @property
    def short(self) -> str:
        """Return what is said of it in the table: the reason why it cannot be told stands above."""
        is_told = self.verdict is None or self.verdict.state != "unknown"
        return self.words if is_told else "cannot tell"

    @property
    def part(self) -> str:
        """Return the part of those sent."""
        return percent(self.done / self.of) if self.of else "–"

    @property
    def held_part(self) -> str:
        """Return the part of those held out."""
        return percent(self.held / self.held_of) if self.held is not None and self.held_of else ""


@dataclass(frozen=True, slots=True)
class Reason:
    """What was not counted, of one reason."""

    label: str
    words: str
    requests: int


def sent_word(campaign: Campaign) -> str:
    """Return what was done with those who were not held out: mailed, invited, sent."""
    return SENT_WORDS[campaign.main_channel]


def ordered_word(campaign: Campaign) -> str:
    """Return what is to be ordered: a product's name, or anything."""
    return f"Ordered {campaign.product}" if campaign.product else "Ordered"


def steps(campaign: Campaign, figures: Figures) -> list[Step]:
    """Return the rows of the result, from those sent to those who ordered."""
    word, of = sent_word(campaign).capitalize(), figures.sent
    unknown = figures.sent - figures.reached
    reached = f"{number(unknown)} not sent yet, or address unknown" if unknown else "all addresses are known"
    rows = [
        Step(word, _sent_days(campaign), of, of),
        Step("Reached", reached, figures.reached, of),
        Step("Opened", "at least; pictures may be blocked", figures.opened, of),
        Step("Came", "at least; page or event", figures.came, of),
    ]
    note = f"within {campaign.weeks} weeks after sending"
    rows.append(_compared(ordered_word(campaign), note, figures.ordered, figures.held_ordered, figures))
    if campaign.product:
        rows.append(
            _compared(
                "Ordered something else", "in the same weeks", figures.other, figures.held_other, figures
            )
        )
    return rows


def _compared(label: str, note: str, done: int, held: int, figures: Figures) -> Step:
    said = verdict(done, figures.sent, held, figures.held)
    found = difference(done, figures.sent, held, figures.held) if figures.held and figures.sent else None
    drawn = charts.interval(
        AXIS,
        estimate=found.middle * _ONE if found else None,
        low=found.low * _ONE if found else None,
        high=found.high * _ONE if found else None,
        state=said.state,
    )
    return Step(label, note, done, figures.sent, held, figures.held, drawn, said.words, said)


def _sent_days(campaign: Campaign) -> str:
    waves = [wave for wave in campaign.waves.all() if wave.sent_on]
    days = sorted({one for wave in waves for one in (wave.sent_on, *wave.again_on) if one})
    return " and ".join(day(one) for one in days) if days else "not sent yet"


def sentence(campaign: Campaign, figures: Figures) -> tuple[str, str, str]:
    """Return the answer in three parts, of which the middle one is the finding."""
    word, verb = sent_word(campaign), f"ordered {campaign.product}" if campaign.product else "ordered"
    if not figures.result_on:
        return "", "Nothing was sent yet.", " The result begins with the day of sending."
    said = verdict(figures.ordered, figures.sent, figures.held_ordered, figures.held)
    nouns = current_tenant().partner_noun_plural
    if said.state in ("us", "them"):
        found = difference(figures.ordered, figures.sent, figures.held_ordered, figures.held)
        middle = f"; {round(abs(found.middle) * _ONE)} in the middle."
        more = said.words.removesuffix(" of 100")
        return (
            f"Of 100 {word} {nouns}, ",
            more,
            f" {verb} within {campaign.weeks} weeks than of 100 held out{middle}",
        )
    if not figures.held:
        return (
            "",
            "Cannot tell: nobody held out.",
            f" {number(figures.ordered)} of {number(figures.sent)} {verb}.",
        )
    return (
        "",
        f"{said.words}.",
        f" {number(figures.ordered)} of {number(figures.sent)} {word} {nouns} {verb}.",
    )


def cost_words(campaign: Campaign, figures: Figures) -> tuple[str, str]:
    """Return what one more who ordered cost, and what that rests on."""
    spent = campaign.spent if campaign.spent is not None else campaign.budget
    if spent is None:
        return "", "Say what was spent, in Settings."
    if not figures.held or not figures.sent:
        return "", "Cannot tell: nobody held out."
    found = difference(figures.ordered, figures.sent, figures.held_ordered, figures.held)
    cost = cost_of_one(Decimal(spent), figures.sent, found)
    noun = current_tenant().partner_noun
    if cost is None:
        return "", f"Cannot tell while the range does not say that more {noun}s ordered."
    least, middle, most = (money(round(one, -1), campaign.currency) for one in cost)
    basis = "spent" if campaign.spent is not None else "the budget"
    return f"{least} to {most}", f"for each extra {noun} who ordered; {middle} in the middle. From {basis}."


def reasons(campaign: Campaign) -> list[Reason]:
    """Return what was filtered, most first: sums of past days, and today's (2 queries)."""
    found: dict[str, int] = dict(campaign.filtered_totals.values_list("why", "requests"))
    today = (
        Filtered.objects.filter(campaign=campaign).order_by().values_list("why").annotate(all=Sum("requests"))
    )
    for why, requests in today:
        found[why] = found.get(why, 0) + requests
    rows = [Reason(Why(why).label, WHY_WORDS[Why(why)], requests) for why, requests in found.items()]
    return sorted(rows, key=lambda row: (-row.requests, row.label))


def one_line(campaign: Campaign, today: date) -> tuple[str, charts.Interval | None]:
    """Return what the list says of a campaign: its result, or when, or why not; with the range where there is one."""
    figures = getattr(campaign, "figures", None)
    if campaign.is_draft:
        return "Not started", None
    if figures is None or figures.result_on is None:
        return "Not sent yet", None
    if not figures.held:
        return "Cannot tell: nobody held out", None
    step = _compared("", "", figures.ordered, figures.held_ordered, figures)
    assert step.verdict is not None
    if step.verdict.state == "unknown" and today < figures.result_on:
        return f"Result from {day(figures.result_on)}", step.range
    return f"{step.words}{' ordered' if step.verdict.state in ('us', 'them') else ''}", step.range


def who_line(campaign: Campaign) -> str:
    """Return channels, how many were sent and held out, and until when."""
    figures = getattr(campaign, "figures", None)
    parts = [campaign.channel_words]
    if figures is not None and figures.sent:
        held = f"{number(figures.held)} held out" if figures.held else "no one held out"
        parts.append(f"{number(figures.sent)} {sent_word(campaign)}, {held}")
    parts.append(f"to {day(campaign.ends_on)}")
    return " · ".join(parts)


def held_out_words(wave: Wave) -> str:
    """Say how the held-out were chosen, as far as a worker has counted them."""
    members = wave.partners or wave.size
    nouns = current_tenant().partner_noun_plural
    if not wave.holdout_percent:
        return f"Nobody was held out of {number(members)} {nouns}: what they ordered cannot be told from what they would have."
    when = f", on {day(wave.drawn_at)}" if wave.drawn_at else ""
    fell = f"{number(wave.held)} fell on that side. " if wave.partners and wave.drawn_at else ""
    return (
        f"A coin for each of {number(members)} {nouns}, {wave.holdout_percent} in 100, before anything was sent{when}. "
        f"{fell}Stored and never changed; the seed {wave.seed[:8]}… tosses them again."
    )
