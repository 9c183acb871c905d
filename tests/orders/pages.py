"""Pages of the orders app as tests ask for them, in the tenant mercy."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from orders.runs import service
from orders.runs.models import ImportRun
from orders.runs.states import RunState
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant


def url(name, **kwargs):
    return reverse(f"orders:{name}", kwargs={"tenant": "mercy", **kwargs})


def upload(client, source, text, name="may.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    data = {"source": source.pk, "files": [SimpleUploadedFile(name, content)]}
    page = client.post(url("import"), data, follow=True)
    if page.redirect_chain:
        read_waiting()
        return client.get(page.redirect_chain[-1][0])
    return page


def read_waiting():
    """What a worker does: a request of a test never commits, so its tasks are not sent."""
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        for run in ImportRun.objects.filter(state=RunState.READING):
            service.look(run.pk)


def words(response):
    return " ".join(response.content.decode().split())
