"""The rules of production as Django's system checks, for `manage.py check --deploy`."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core import checks

from prm.operations.production import RULES


@checks.register(checks.Tags.security, deploy=True)
def production_is_safe(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Report every rule of production that this installation breaks."""
    found: list[checks.CheckMessage] = []
    for rule in RULES:
        if wrong := rule.find():
            kind = checks.Warning if rule.is_warning else checks.Error
            found.append(kind(wrong, hint=rule.do, id=rule.id))
    return found
