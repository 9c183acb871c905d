"""Letters of a review: looked at, printed, sent; and the template they are made of."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from partners.reviews.cycle.models import ReviewCycle
from partners.reviews.forms import LetterForm
from partners.reviews.letters import service
from partners.reviews.letters.queries import deserving, letters, pdf, template
from partners.reviews.letters.rules import PLACEHOLDERS
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import plural
from prm.ui.lists import page_of

PER_PAGE = 25


@require_GET
@page_requires(Right.TIER_DECIDE)
def list_(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show a signed review's letters, a page of them; with ?pdf=1 those of the page as PDF."""
    cycle = get_object_or_404(ReviewCycle.objects.select_related("signed_by__user"), pk=pk)
    page = page_of(deserving(cycle), request.GET.get("page"), PER_PAGE)
    some = letters(page.object_list, template())
    if request.GET.get("pdf"):
        one = request.GET.get("letter", "")
        wanted = [letter for letter in some if not one or str(letter.decision.pk) == one]
        answer = HttpResponse(pdf(wanted), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="letters-{page.number}.pdf"'
        return answer
    context = {
        "cycle": cycle,
        "page": page,
        "letters": some,
        "to_send": service.to_send(cycle).count(),
        "nouns": ("letter", "letters"),
        "nav_key": "review",
    }
    return render(request, "partners/letters.html", context)


@require_POST
@page_requires(Right.TIER_DECIDE)
def send(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Send those that have an address and were not sent yet."""
    cycle = get_object_or_404(ReviewCycle, pk=pk)
    url = tenant_url(request.tenant, "partners:letters", pk=pk)

    def work() -> Done:
        count = service.send_letters(cycle)
        return Done(
            url, f"{plural(count, 'letter')} on the way.", "The list says which arrived at the mail server."
        )

    return act(request, work, stay_url=url, refused_title="Nothing was sent.", kind="warn")


@page_requires(Right.TIER_DECIDE)
def change_template(request: TenantRequest) -> HttpResponse:
    """Write the tenant's letter."""
    subject, text = template()
    form = LetterForm(request.POST or None, initial={"letter_subject": subject, "letter_text": text})
    back = tenant_url(request.tenant, "partners:review")

    def save() -> Done:
        service.set_letter(subject=form.cleaned_data["letter_subject"], text=form.cleaned_data["letter_text"])
        return Done(back, "Letter saved.", "The letters of a review show how it reads.")

    names = "; ".join(f"{{{name}}} {words}" for name, words in PLACEHOLDERS.items())
    context = {
        "title": "Letter about a new tier",
        "submit": "Save letter",
        "intro": f"In braces stands what differs: {names}.",
        "cancel_url": back,
        "nav_key": "review",
    }
    return form_page(request, form, "partners/small_form.html", context, save=save)
