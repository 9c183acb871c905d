"""Pages of the orders app as tests ask for them, in the tenant mercy."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse


def url(name, **kwargs):
    return reverse(f"orders:{name}", kwargs={"tenant": "mercy", **kwargs})


def upload(client, source, text, name="may.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    data = {"source": source.pk, "files": [SimpleUploadedFile(name, content)]}
    return client.post(url("import"), data, follow=True)


def words(response):
    return " ".join(response.content.decode().split())
