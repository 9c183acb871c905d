"""Writes of samples: brought, read, given other columns, made a source, thrown away."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import Sum

from orders.doors.files import uploads
from orders.doors.files.uploads import Kept
from orders.ingest.errors import BrokenFile
from orders.proof.choices import open_findings, spec_from
from orders.proof.finding import Place
from orders.proof.findings import findings_of, likely_columns, missing_of
from orders.proof.study import study
from orders.runs.models import ImportRun
from orders.runs.service import receive_kept
from orders.samples.kept import from_json, to_json
from orders.samples.models import FileSample
from orders.samples.states import SampleState
from orders.sources.service import save_source
from orders.sources.spec import FIELDS
from partners.kinds.queries import partner_words
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.schema import SchemaError
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires

# Samples of one tenant that may wait at once.
MOST_SAMPLES = 10


@requires(Right.SOURCE_EDIT)
@transaction.atomic
def bring(file: "File[bytes]") -> FileSample:
    """Keep a file as a sample, and have it read in the background.

    Raises `Refused` for one larger than `UPLOAD_LIMIT`, and when too much waits already.
    """
    uploads.check([file])
    forget_old()
    waiting = FileSample.objects.aggregate(size=Sum("bytes"))["size"] or 0
    count = FileSample.objects.count()
    if count >= MOST_SAMPLES:
        raise Refused(
            f"{count} files wait for their readings already. Use or throw away one of them first.",
            field="file",
            code="quota",
        )
    uploads.check_quota(files=count + 1, size=waiting + file.size)
    name = uploads.shown_name(file)
    sample: FileSample = FileSample.objects.create(name=name, bytes=file.size, by=current_actor().label)
    sample.stored_as = uploads.keep(file, f"{current_tenant().pk}/sample-{sample.pk}")
    sample.save(update_fields=["stored_as"])
    send_task(
        "orders.study_sample",
        size=uploads.work_size([Kept(name, sample.stored_as)], file.size),
        sample_id=str(sample.pk),
    )
    return sample


@requires(Right.SOURCE_EDIT)
def study_sample(sample_id: UUID) -> None:
    """Read a sample over all its lines and keep what was found; one that is gone or was read is left alone.

    Of a ZIP file of several the first is read; an import of it proves the others against the source.
    """
    with transaction.atomic():
        sample = FileSample.objects.filter(pk=sample_id, state=SampleState.READING).first()
    if sample is None:
        return
    try:
        first = uploads.parts_of_kept(sample.name, sample.stored_as)[0]
        with uploads.kept_inputs([Kept(first.name, sample.stored_as, first.member)]) as inputs:
            given = inputs[0]
            found = study(
                given.path, given.name, member=given.member, report=lambda lines, _: _note(sample_id, lines)
            )
    except (BrokenFile, Refused) as error:
        _has_studied(sample_id, SampleState.BROKEN, message=str(error))
    except Exception as error:
        _has_studied(
            sample_id,
            SampleState.BROKEN,
            message=f"Something went wrong here ({type(error).__name__}). Try again.",
        )
        raise
    else:
        _has_studied(
            sample_id,
            SampleState.READY,
            study=to_json(found),
            columns=likely_columns(found, partners=_words()),
        )


@transaction.atomic
def _words() -> list[str]:
    return partner_words()


@transaction.atomic
def _note(sample_id: UUID, lines: int) -> None:
    if lines % 100_000 < 2_000:
        FileSample.objects.filter(pk=sample_id).update(lines_done=lines)


@transaction.atomic
def _has_studied(sample_id: UUID, state: SampleState, **values: object) -> None:
    FileSample.objects.filter(pk=sample_id, state=SampleState.READING).update(state=state, **values)


def _held(sample_id: UUID) -> FileSample:
    sample: FileSample | None = FileSample.objects.select_for_update().filter(pk=sample_id).first()
    if sample is None:
        raise Refused("This sample is no longer here. Choose the file again.", code="gone")
    return sample


@requires(Right.SOURCE_EDIT)
@transaction.atomic
def set_columns(sample_id: UUID, columns: Mapping[str, int]) -> None:
    """Say which column of a sample holds which field. Raises `Refused` for a column of two fields."""
    sample = _held(sample_id)
    width = len(sample.study.get("columns", []))
    kept = {name: place for name, place in columns.items() if name in FIELDS and 0 <= place < width}
    if len(set(kept.values())) < len(kept):
        raise Refused("Each column can hold one thing: one was chosen for two.", code="twice")
    sample.columns = kept
    sample.save(update_fields=["columns"])


@requires(Right.SOURCE_EDIT)
@transaction.atomic
def use(sample_id: UUID, *, name: str, answers: Mapping[str, str], more: Mapping[str, object]) -> ImportRun:
    """Make a source of a sample by its readings and a person's answers, and open an import of the file.

    `more` holds settings that no cell decides, as they stand in a specification. Raises `Refused` while something is
    open, and for a name that is taken.
    """
    sample = _held(sample_id)
    if sample.state != SampleState.READY:
        raise Refused("The file is not read yet.", code="still_reading")
    uploads.check_kept([Kept(sample.name, sample.stored_as)])
    spec = {**_spec_of(sample, answers), **more}
    try:
        source = save_source(None, name=name, spec=spec)
    except SchemaError as error:
        raise Refused(" ".join(problem.message for problem in error.problems), code="spec") from error
    run = receive_kept(source, sample.name, sample.stored_as)
    sample.delete()
    return run


def _spec_of(sample: FileSample, answers: Mapping[str, str]) -> dict[str, object]:
    """Return the specification that a sample makes with answers. Raises `Refused` naming what is open."""
    tenant = current_tenant()
    found = from_json(sample.study)
    if missing := missing_of(sample.columns):
        raise Refused(f"No column is chosen for: {', '.join(missing)}.", code="missing")
    findings = findings_of(found, sample.columns, Place(tenant.timezone, tenant.currency))
    if waiting := open_findings(findings, answers):
        raise Refused(f"Choose a reading of: {', '.join(finding.label for finding in waiting)}.", code="open")
    return spec_from(found, sample.columns, findings, answers)


@requires(Right.SOURCE_EDIT)
@transaction.atomic
def discard(sample_id: UUID) -> None:
    """Throw a sample away."""
    for sample in FileSample.objects.filter(pk=sample_id):
        uploads.discard(sample.stored_as)
        sample.delete()


@requires(Right.SOURCE_EDIT)
@transaction.atomic
def forget_old() -> None:
    """Remove samples that nobody decided about for `UPLOAD_DAYS`."""
    for sample in FileSample.objects.filter(created_at__lt=now() - timedelta(days=settings.UPLOAD_DAYS)):
        uploads.discard(sample.stored_as)
        sample.delete()
