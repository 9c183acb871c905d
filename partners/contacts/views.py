"""The forms of a partner's contacts."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from partners.contacts import service
from partners.contacts.forms import ContactForm
from partners.contacts.models import Contact
from partners.directory.models import Partner
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.ui.form_page import Done, form_page
from prm.ui.http import saved
from prm.ui.toasts import toast


@page_requires(Right.PARTNER_EDIT)
def add(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Add a person at a partner."""
    partner = get_object_or_404(Partner, pk=pk)
    form = ContactForm(request.POST or None)

    def save() -> Done:
        contact = service.add_contact(partner.pk, **form.cleaned_data)
        return Done(partner.get_absolute_url(), f"{contact.name} added.", partner.name)

    context = {"partner": partner, "title": "Add contact", "submit": "Add contact"}
    return form_page(request, form, "partners/small_form.html", context, save=save)


@page_requires(Right.PARTNER_EDIT)
def edit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change what is known of a person at a partner."""
    contact = get_object_or_404(Contact.objects.select_related("partner"), pk=pk)
    form = ContactForm(request.POST or None, initial=ContactForm.initial_of(contact))

    def save() -> Done:
        changed = service.change_contact(contact.pk, **form.cleaned_data)
        return Done(contact.partner.get_absolute_url(), f"{changed.name} saved.", contact.partner.name)

    context = {"partner": contact.partner, "title": contact.name, "submit": "Save contact"}
    return form_page(request, form, "partners/small_form.html", context, save=save)


@require_POST
@page_requires(Right.PARTNER_EDIT)
def remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a person away."""
    contact = get_object_or_404(Contact.objects.select_related("partner"), pk=pk)
    service.remove_contact(contact.pk)
    toast(request, f"{contact.name} removed.", "Visits with them stay.")
    return saved(request, contact.partner.get_absolute_url())
