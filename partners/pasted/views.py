"""The page that takes a column."""

from django.http import HttpResponse

from partners.pasted import service
from partners.pasted.forms import PasteForm
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, form_page
from prm.ui.formatting import plural


@page_requires(Right.PARTNER_VIEW)
def paste(request: TenantRequest) -> HttpResponse:
    """Take a column, and show those whom it means as the list."""
    form = PasteForm(request.POST or None)
    home = tenant_url(request.tenant, "partners:list")

    def save() -> Done:
        made = service.paste(form.cleaned_data["text"], by=request.membership)
        nouns = (request.tenant.partner_noun, request.tenant.partner_noun_plural)
        found = f"{plural(len(made.ids), *nouns)} found."
        left = f"{plural(len(made.missing), 'line')} not: they stand above the list." if made.missing else ""
        return Done(f"{home}?pasted={made.pk}", found, left, kind="info" if made.missing else "good")

    context = {
        "title": "Paste a column",
        "submit": f"Find {request.tenant.partner_noun_plural}",
        "next": home,
        "nav_key": "partners",
    }
    return form_page(request, form, "partners/paste.html", context, save=save)
