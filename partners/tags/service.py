"""Writes of tags."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import transaction

from partners.tags.models import PartnerTag, Tag
from partners.tags.queries import names_of
from partners.tags.rules import MOST, MOST_OF_ONE, clean, key_of
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires

BATCH = 2_000


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def change_tags(
    ids: Collection[UUID], *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> dict[UUID, tuple[list[str], list[str]]]:
    """Put tags on partners and take tags off; returns by id which of them each got and which each lost.

    What a partner has already, or has not, is left alone. A fixed number of statements. Raises `Refused` for too many.
    """
    adding, removing = clean(add), {key_of(name) for name in clean(remove)}
    if not adding and not removing:
        raise Refused("Say which tag.", field="tags", code="required")
    if both := [name for name in adding if key_of(name) in removing]:
        raise Refused(f"“{both[0]}” cannot be put on and taken off at once.", field="tags", code="ambiguous")
    return _write(dict.fromkeys(ids, adding), dict.fromkeys(ids, removing))


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def tag_each(names: Mapping[UUID, Sequence[str]]) -> None:
    """Put on each partner tags of its own, beside those it has, with a fixed number of statements."""
    _write({pk: clean(said) for pk, said in names.items()}, {})


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def put_back(changes: Mapping[UUID, tuple[Sequence[str], Sequence[str]]]) -> int:
    """Take off what each got and put on what each lost, as `change_tags` says it; returns how many partners changed."""
    adding = {pk: list(lost) for pk, (_, lost) in changes.items()}
    removing = {pk: {key_of(name) for name in got} for pk, (got, _) in changes.items()}
    return len(_write(adding, removing))


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def set_tags(partner_id: UUID, names: Sequence[str]) -> None:
    """Let a partner have these tags and no others."""
    wanted = clean(names)
    keys = {key_of(name) for name in wanted}
    present = names_of([partner_id])[partner_id]
    _write({partner_id: wanted}, {partner_id: {key_of(name) for name in present} - keys})


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def rename_tag(tag_id: UUID, *, name: str) -> Tag:
    """Write a tag otherwise, on everybody who has it. Raises `Refused` for the word of another: merge them."""
    _lock()
    tag = _tag(tag_id)
    said = clean([name])
    if not said:
        raise Refused("Give the tag a word.", field="name", code="required")
    other = Tag.objects.filter(key=key_of(said[0])).exclude(pk=tag.pk).first()
    if other is not None:
        raise Refused(f"There is a tag {other.name} already. Merge the two.", field="name", code="taken")
    tag.name, tag.key = said[0], key_of(said[0])
    tag.save()
    return tag


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def merge_tags(tag_id: UUID, *, into: UUID) -> Tag:
    """Give everybody who has a tag another one instead; the tag is gone then."""
    _lock()
    tag, other = _tag(tag_id), _tag(into)
    if tag.pk == other.pk:
        raise Refused("These are one tag already.", field="into", code="invalid")
    rows = PartnerTag.objects.filter(tag=tag)
    have = PartnerTag.objects.filter(tag=other).values("partner_id")
    rows.filter(partner_id__in=have).delete()
    rows.update(tag=other)
    tag.delete()
    return other


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_tag(tag_id: UUID) -> int:
    """Take a tag off everybody; returns how many had it."""
    _lock()
    tag = _tag(tag_id)
    count, _ = PartnerTag.objects.filter(tag=tag).delete()
    tag.delete()
    return count


def _lock() -> None:
    lock_tenant("tags", current_tenant().pk)


def _tag(tag_id: UUID) -> Tag:
    tag: Tag | None = Tag.objects.filter(pk=tag_id).first()
    if tag is None:
        raise Refused("This tag does not exist any more.", code="not_found")
    return tag


def _write(
    adding: Mapping[UUID, Sequence[str]], removing: Mapping[UUID, Collection[str]]
) -> dict[UUID, tuple[list[str], list[str]]]:
    """Write what differs; tags that nobody has any more are gone."""
    _lock()
    tags = _made({name for names in adding.values() for name in names})
    have: dict[UUID, dict[str, PartnerTag]] = {pk: {} for pk in adding}
    for row in PartnerTag.objects.filter(partner__in=list(adding)).select_related("tag"):
        have[row.partner_id][row.tag.key] = row
    changed: dict[UUID, tuple[list[str], list[str]]] = {}
    new, gone = [], []
    for pk, names in adding.items():
        got = [name for name in names if key_of(name) not in have[pk]]
        lost = [have[pk][key] for key in removing.get(pk, ()) if key in have[pk]]
        if len(have[pk]) + len(got) - len(lost) > MOST_OF_ONE:
            raise Refused(f"A partner has at most {MOST_OF_ONE} tags.", field="tags", code="too_many")
        new += [PartnerTag(partner_id=pk, tag=tags[key_of(name)]) for name in got]
        gone += lost
        if got or lost:
            changed[pk] = (got, [row.tag.name for row in lost])
    PartnerTag.objects.filter(pk__in=[row.pk for row in gone]).delete()
    PartnerTag.objects.bulk_create(new, batch_size=BATCH)
    if gone:
        Tag.objects.filter(pk__in={row.tag_id for row in gone}, tagged=None).delete()
    return changed


def _made(names: Collection[str]) -> dict[str, Tag]:
    """Return the tags of these words by key, those made that are not there."""
    wanted = {key_of(name): name for name in sorted(names)}
    here = {tag.key: tag for tag in Tag.objects.filter(key__in=list(wanted))}
    missing = [Tag(name=name, key=key) for key, name in wanted.items() if key not in here]
    if missing and Tag.objects.count() + len(missing) > MOST:
        raise Refused(
            f"There can be {MOST} tags. Use those there are, or merge some.", field="tags", code="too_many"
        )
    return here | {tag.key: tag for tag in Tag.objects.bulk_create(missing)}
