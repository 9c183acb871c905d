"""Small pieces of markup that stand in a line: bars, rings, ratings, dots, status and the like.

Each function escapes its input and returns safe markup. Template tags and table columns call the
same functions. Shape carries the meaning, colour only repeats it.
"""

from collections.abc import Sequence
from zlib import crc32

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from prm.ui.formatting import NOTHING, Numeric, number, signed
from prm.ui.icons import icon

EMPTY = mark_safe(NOTHING)  # noqa: S308 # nosec B308, B703 # a constant
STATUS_KINDS = frozenset({"neutral", "run", "good", "draft", "bad"})
MARK_PALETTE = (
    "#5a4a1a", "#6b3a7d", "#8c2f45", "#3d4f8f", "#2f6048", "#1b5e75", "#7a4423", "#44546a",
)  # fmt: skip
"""The colours of `.prm-mark-0` to `.prm-mark-7` in tokens.css."""
MARK_COLOURS = len(MARK_PALETTE)

# Circles inside a 16 × 16 box (screens/README.md, section 4): what they hold says it, colour only repeats it.
_RING = '<circle class="prm-ring-line" cx="8" cy="8" r="6"/>'
RINGS = {
    "dashed": '<circle class="prm-ring-line" cx="8" cy="8" r="6" stroke-dasharray="2.4 2.31"/>',
    "half": _RING + '<path class="prm-ring-fill" d="M8 4a4 4 0 0 1 0 8z"/>',
    "full": _RING + '<circle class="prm-ring-fill" cx="8" cy="8" r="3.5"/>',
    "struck": _RING + '<path class="prm-ring-line" d="M12.2 3.8L3.8 12.2"/>',
}


def bars(filled: int, word: str) -> SafeString:
    """Return three rising bars, the first `filled` of them in ink, and the word."""
    drawn = format_html_join(
        "",
        '<rect class="prm-bars-{}" x="{}" y="{}" width="3" height="{}" rx="1"/>',
        (("on" if step < filled else "off", step * 5, 9 - step * 4, 4 + step * 4) for step in range(3)),
    )
    return format_html(
        '<span class="prm-word prm-bars"><svg width="13" height="13" viewBox="0 0 13 13" '
        'aria-hidden="true">{}</svg>{}</span>',
        drawn,
        word,
    )


def ring(shape: str, word: str) -> SafeString:
    """Return a circle (dashed, half, full or struck) and the word; raises KeyError for another shape."""
    return format_html(
        '<span class="prm-word prm-ring-{}"><svg width="16" height="16" '
        'viewBox="0 0 16 16" fill="none" aria-hidden="true">{}</svg>{}</span>',
        shape,
        mark_safe(RINGS[shape]),  # noqa: S308 # nosec B308, B703 # a constant
        word,
    )


def meter(share: float, width: int = 36, kind: str = "us") -> SafeString:
    """Draw a small decorative bar filled to *share* (0 to 1); the number always stands beside it."""
    filled = round(max(0.0, min(1.0, share)) * width, 1)
    return format_html(
        '<svg class="prm-meter" width="{}" height="5" viewBox="0 0 {} 5" aria-hidden="true" '
        '><rect class="prm-fill-track" width="{}" height="5" rx="2.5"/>'
        '<rect class="prm-fill-{}" width="{}" height="5" rx="2.5"/></svg>',
        width,
        width,
        width,
        kind,
        filled,
    )


def rating(value: Numeric | None, change: Numeric | None = None, *, bar: bool = True) -> SafeString:
    """Return a figure from 0 to 100: number, bar, and the change against last month when given."""
    if value is None:
        return EMPTY
    return format_html(
        '<span class="prm-rating"><strong>{}</strong>{}{}</span>',
        number(value),
        meter(float(value) / 100) if bar else "",
        "" if change is None else signed(change),
    )


def dots(done: int, planned: int, noun: str, *, words: bool = False, most: int = 8) -> SafeString:
    """Return a dot for each planned thing, filled when done; beyond `most` dots only the words."""
    text = f"{done} of {planned}"
    count = max(done, planned)
    if count == 0:
        return EMPTY
    if count > most:
        return format_html('<span class="prm-dots">{}</span>', text)
    drawn = format_html_join(
        "",
        '<circle class="prm-dot-{}" cx="{}" cy="5" r="4"/>',
        (("on" if place < done else "off", 5 + place * 12) for place in range(count)),
    )
    return format_html(
        '<span class="prm-dots"><svg width="{}" height="10" viewBox="0 0 {} 10" '
        'aria-hidden="true">{}</svg><span class="{}">{}</span></span>',
        count * 12 - 2,
        count * 12 - 2,
        drawn,
        "" if words else "visually-hidden",
        text if words else f"{text} {noun}",
    )


def status(text: str, kind: str = "neutral", icon_name: str = "") -> SafeString:
    """Draw a small tinted word: neutral, run, good, draft or bad."""
    if kind not in STATUS_KINDS:
        message = f"No status kind {kind!r}; there are {sorted(STATUS_KINDS)}."
        raise ValueError(message)
    return format_html(
        '<span class="prm-status prm-status-{}">{}{}</span>',
        kind,
        icon(icon_name, 14) if icon_name else "",
        text,
    )


def initials(name: str) -> str:
    """``Dana Whitaker`` → ``DW``; titles such as "Dr." do not count."""
    words = [word for word in name.replace("-", " ").split() if word[:1].isalnum()]
    if len(words) > 1:
        words = [word for word in words if not word.endswith(".")] or words
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def avatar(name: str, size: str = "", *, named: bool = False) -> SafeString:
    """Draw initials in a circle; size "large" is the square of a page's head.

    Decorative beside the name; with ``named=True`` it stands alone, and the name is read out.
    """
    hidden = format_html('<span class="visually-hidden">{}</span>', name) if named else ""
    title = format_html(' title="{}"', name) if named else ""
    return format_html(
        '<span class="prm-avatar{}"{}><span aria-hidden="true">{}</span>{}</span>',
        f" prm-avatar-{size}" if size else "",
        title,
        initials(name),
        hidden,
    )


def mark_class(slug: str) -> str:
    """Return the colour class of a tenant's mark; the same slug always gets the same colour."""
    return f"prm-mark-{crc32(slug.encode()) % MARK_COLOURS}"


def mark(name: str, slug: str, size: str = "", *, colour: str = "", picture: str = "") -> SafeString:
    """Draw the tenant's picture (its address), or its letter on `colour` ("#rrggbb"; "" for that of the slug).

    Decorative: the name stands beside it.
    """
    css = f"prm-mark prm-mark-{size}" if size else "prm-mark"
    if picture:
        return format_html(
            '<img class="{} prm-mark-picture" src="{}" alt="" width="36" height="36">', css, picture
        )
    letter = (name.strip()[:1] or "?").upper()
    if colour and colour not in MARK_PALETTE:
        return format_html(
            '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" fill="{}"/>'
            '<text x="12" y="16.5" text-anchor="middle" fill="#fff">{}</text></svg>',
            css,
            colour,
            letter,
        )
    ground = f"prm-mark-{MARK_PALETTE.index(colour)}" if colour else mark_class(slug)
    return format_html('<span class="{} {}" aria-hidden="true">{}</span>', css, ground, letter)


def kbd(key: str) -> SafeString:
    """Draw a key hint for people who see it; the keyboard sheet names all keys."""
    return format_html('<kbd class="prm-kbd" aria-hidden="true">{}</kbd>', key)


def progressbar(value: int, total: int, label: str = "") -> SafeString:
    """Draw an 8 px bar with the words "11 of 18" (or *label*) for screen readers."""
    share = 0.0 if total <= 0 else max(0.0, min(1.0, value / total))
    return format_html(
        '<svg class="prm-progressbar" width="100%" height="8" role="img" aria-label="{}">'
        '<rect class="prm-fill-track" width="100%" height="8" rx="4"/>'
        '<rect class="prm-fill-us" width="{}%" height="8" rx="4"/></svg>',
        label or f"{number(value)} of {number(total)}",
        round(share * 100, 2),
    )


def links(pairs: Sequence[tuple[str, str]]) -> SafeString:
    """Draw (address, words) pairs side by side, each large enough for a thumb; "" for none."""
    last = len(pairs) - 1
    each = ((address, words, "" if number == last else ",") for number, (address, words) in enumerate(pairs))
    return (
        format_html(
            '<span class="prm-links">{}</span>',
            format_html_join("", '<span><a href="{}">{}</a>{}</span>', each),
        )
        if pairs
        else SafeString("")
    )


def legend(items: Sequence[tuple[str, str]]) -> SafeString:
    """Draw a chart's key: (kind, words) pairs; the kinds are those of the chart's series and marks."""
    return format_html(
        '<span class="prm-legend">{}</span>',
        format_html_join("", '<span class="prm-key">{}{}</span>', ((_key(k), w) for k, w in items)),
    )


def _key(kind: str) -> SafeString:
    shape = {
        "dot": '<circle class="prm-dots-on" cx="6" cy="6" r="4"/>',
        "ring": '<circle class="prm-dots-off" cx="6" cy="6" r="3.5"/>',
        "event": '<path class="prm-event-mark" d="M6 1l5 5-5 5-5-5z"/>',
        "move": '<path class="prm-move-mark" d="M6 1l5 5-5 5-5-5z"/>',
    }.get(kind)
    if shape is None:
        css = kind if kind.isalpha() else "us"
        shape = f'<rect class="prm-bar-{css}" x="1" y="1" width="10" height="10" rx="2"/>'
    return mark_safe(  # noqa: S308 # nosec B308, B703 # constants, and a class name of letters only
        f'<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{shape}</svg>'
    )
