"""Tags of the settings: `{% load company %}`."""

from django import template
from django.template import RequestContext

from prm.company.settings.tabs import tabs_for
from prm.core.urls import tenant_url

register = template.Library()


@register.inclusion_tag("company/tabs.html", takes_context=True)
def settings_tabs(context: RequestContext, current: str) -> dict[str, object]:
    """Draw the tabs of the settings that the reader may open, with `current` as the one that is shown."""
    request = context["request"]
    tabs = [
        {
            "label": tab.label,
            "url": tenant_url(request.tenant, tab.url_name),
            "count": tab.count() if tab.count else None,
            "is_current": tab.key == current,
        }
        for tab in tabs_for(request.rights)
    ]
    return {"tabs": tabs}
