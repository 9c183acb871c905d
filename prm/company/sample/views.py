"""Two buttons of the set-up: fill with sample data, and remove it."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.company.sample import service
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, act


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def fill(request: TenantRequest) -> HttpResponse:
    """Have the organisation filled."""
    home = tenant_url(request.tenant, "company:setup")

    def work() -> Done:
        service.ask_to_fill()
        return Done(home, "Sample data is coming.", "You can leave this page.")

    return act(request, work, stay_url=home, refused_title="Not filled.")


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def remove(request: TenantRequest) -> HttpResponse:
    """Have the sample data removed."""
    home = tenant_url(request.tenant, "company:setup")

    def work() -> Done:
        service.ask_to_remove()
        return Done(home, "The sample data is being removed.", "What is your own stays.")

    return act(request, work, stay_url=home, refused_title="Not removed.")
