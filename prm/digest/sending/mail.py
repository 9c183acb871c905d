"""The mail: text and HTML, with links that open pages and links that act."""

from email.utils import formataddr, parseaddr
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from prm.core.notation.reader import use_notation
from prm.core.urls import tenant_url
from prm.digest.choices.queries import Arranged
from prm.digest.lines.queries import Digest, Section
from prm.digest.lines.registry import Line, act_called
from prm.digest.links.tokens import act_path, stop_path
from prm.tenancy.context import current_tenant

_STYLES = Path(__file__).resolve().parent.parent / "static" / "digest" / "mail.css"


@cache
def _style() -> SafeString:
    """Return the styles as they stand in the head: a mail has no other file beside it."""
    styles = f"<style>{_STYLES.read_text(encoding='utf-8')}</style>"
    return mark_safe(styles)  # noqa: S308  # nosec B308, B703 # our own file


def message_for(digest: Digest, plan: Arranged) -> EmailMultiAlternatives:
    """Return the mail of a digest, with numbers, days and times as its reader has them."""
    tenant, member = current_tenant(), digest.member
    with (
        timezone.override(ZoneInfo(plan.timing.timezone)),
        use_notation(member.user.notation or tenant.notation),
    ):
        context = _context(digest, plan)
        text = render_to_string("digest/mail/digest.txt", context).strip()
        html = render_to_string("digest/mail/digest.html", context)
    stop = str(context["stop_url"])
    message = EmailMultiAlternatives(
        " ".join(f"{tenant.name}: {digest.headline}".split())[:200],
        text,
        _sender(tenant.name),
        [member.user.email],
        # RFC 8058: a mail program's own button stops the mails by one POST.
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    message.attach_alternative(html, "text/html")
    return message


def _sender(name: str) -> str:
    """Return the server's address under the tenant's name."""
    return formataddr((" ".join(name.split()), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def _context(digest: Digest, plan: Arranged) -> dict[str, object]:
    tenant = current_tenant()
    return {
        "tenant": tenant,
        "digest": digest,
        "timing": plan.timing,
        "needing": [_section(digest, section) for section in digest.needing],
        "news": [_section(digest, section) for section in digest.news],
        "settings_url": f"{settings.COMMAND_URL}{tenant_url(tenant, 'accounts:profile')}#digest",
        "stop_url": f"{settings.COMMAND_URL}{stop_path(digest.member)}",
        "style": _style(),
    }


def _section(digest: Digest, section: Section) -> dict[str, object]:
    return {
        "heading": section.topic.heading,
        "words": section.words,
        "more": section.more,
        "url": f"{settings.COMMAND_URL}{section.path}",
        "lines": [_line(digest, section, line) for line in section.lines],
    }


def _line(digest: Digest, section: Section, line: Line) -> dict[str, object]:
    found = act_called(line.act[0]) if line.act else None
    path = act_path(digest.member, *line.act) if line.act and found else ""
    return {
        "title": line.title,
        "words": line.words,
        "url": f"{settings.COMMAND_URL}{line.path or section.path}",
        "act_label": found.label if found else "",
        "act_url": f"{settings.COMMAND_URL}{path}" if path else "",
    }
