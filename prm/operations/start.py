"""Web, worker and beat do not start where that is dangerous."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from prm.operations.production import RULES, Rule


class StartRefused(ImproperlyConfigured):
    """Starting would be dangerous; the message says why and what to do."""


def dangers() -> list[tuple[Rule, str]]:
    """Return the rules that stop the start and are broken, with what is wrong.

    Those about people and addresses do not stop a demonstration (the embedded database, or PRM_DEMO=True).
    """
    stopping = [r for r in RULES if r.stops and not (settings.DEMO_ALLOWED and r.unless_demo)]
    return [(rule, wrong) for rule in stopping if (wrong := rule.find())]


def refuse_danger() -> None:
    """Raise `StartRefused`, naming every danger; gunicorn ends with it."""
    if found := dangers():
        lines = [f"  {rule.id}: {wrong} {rule.do}" for rule, wrong in found]
        raise StartRefused("\n".join(["PRM does not start:", *lines]))


def refuse_background(**kwargs: object) -> None:
    """Do the same in a worker or beat, whose signals swallow every error but the wish to end."""
    try:
        refuse_danger()
    except StartRefused as refused:
        raise SystemExit(str(refused)) from refused
