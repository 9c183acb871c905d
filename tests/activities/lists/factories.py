"""Lists for tests: read, decided and written as the tasks do it. Call inside a tenant's scope."""

from django.core.files.base import ContentFile

from activities.lists.runs import service
from activities.lists.runs.models import BringRow, BringRun


def read(text, *, kind="partners", name="list.csv", **options):
    """A list that was read; text, or the bytes of a file."""
    content = text if isinstance(text, bytes) else text.encode()
    run = service.bring(kind, ContentFile(content, name=name), at_once=True, **options)
    return service.look(run.pk)


def write(run):
    """The run, written to its end."""
    service.start(run.pk)
    return written(run)


def written(run):
    """The run that was started, written to its end."""
    while service.write(run.pk):
        pass
    return BringRun.objects.get(pk=run.pk)


def bring(text, **options):
    """A list that was read and written."""
    return write(read(text, **options))


def give_back(run):
    """The run, taken back to its end."""
    service.take_back(run.pk)
    while service.give_back(run.pk):
        pass
    return BringRun.objects.get(pk=run.pk)


def outcomes(run):
    """Outcome and reason by line."""
    return {row.line: (row.outcome, row.reason) for row in BringRow.objects.filter(run=run)}


def row(run, line):
    return BringRow.objects.get(run=run, line=line)
