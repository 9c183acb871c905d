"""The acts of this app: rep, kind, active."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from partners.bulk.forms import ActiveForm, KindForm, OwnForm, RepForm
from partners.bulk.registry import Applied, BulkAction
from partners.directory import service as directory
from partners.directory.models import Partner
from partners.kinds.queries import kind_word
from partners.share import service as share
from partners.share.forms import AskForm
from partners.tags import service as tags
from partners.tags.forms import BulkTagsForm
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.notation.reader import figure
from prm.core.types import Json
from prm.ownfields.queries import here
from prm.ownfields.values import values_of
from prm.tenancy.context import current_actor
from prm.ui.fields import Cleaned


def _give_rep(ids: Sequence[UUID], data: Cleaned) -> Applied:
    rep: Membership | None = data["rep"]
    rows = Partner.objects.filter(pk__in=ids).values_list("pk", "rep_id")
    wanted = rep.pk if rep else None
    before: dict[str, Json] = {str(pk): str(was) if was else None for pk, was in rows if was != wanted}
    directory.assign_rep(ids, rep=rep)
    return Applied(
        before, str(wanted) if wanted else None, f"in the panel of {rep.user}" if rep else "in nobody’s panel"
    )


def _give_rep_back(before: Mapping[str, Json], after: Json) -> int:
    still = _still(before, rep=after)
    reps = {
        str(one.pk): one for one in Membership.objects.filter(pk__in=[was for was in before.values() if was])
    }
    return sum(
        directory.assign_rep(ids, rep=reps.get(was) if was else None)
        for was, ids in _by_value(before, still).items()
    )


def _give_kind(ids: Sequence[UUID], data: Cleaned) -> Applied:
    kind = str(data["kind"])
    rows = Partner.objects.filter(pk__in=ids).exclude(kind=kind).values_list("pk", "kind")
    before: dict[str, Json] = {str(pk): was for pk, was in rows}
    directory.set_kind(ids, kind=kind)
    return Applied(before, kind, f"of the kind {kind_word(kind)}")


def _give_kind_back(before: Mapping[str, Json], after: Json) -> int:
    still = _still(before, kind=after)
    return sum(directory.set_kind(ids, kind=str(was)) for was, ids in _by_value(before, still).items())


def _set_active(ids: Sequence[UUID], data: Cleaned) -> Applied:
    active = bool(data["active"])
    rows = Partner.objects.filter(pk__in=ids).exclude(is_active=active).values_list("pk", flat=True)
    before: dict[str, Json] = {str(pk): not active for pk in rows}
    directory.set_active(ids, is_active=active)
    return Applied(before, active, "active" if active else "not active")


def _set_active_back(before: Mapping[str, Json], after: Json) -> int:
    return directory.set_active(_still(before, is_active=after), is_active=not after)


def _tag(ids: Sequence[UUID], data: Cleaned) -> Applied:
    add, remove = list(data["add"]), list(data["remove"])
    changed = tags.change_tags(ids, add=add, remove=remove)
    before: dict[str, Json] = {str(pk): [got, lost] for pk, (got, lost) in changed.items()}
    said = [f"with the tag{'s' if len(add) > 1 else ''} {', '.join(add)}"] if add else []
    said += [f"without {', '.join(remove)}"] if remove else []
    return Applied(before, {"add": add, "remove": remove}, ", ".join(said)[:160])


def _tag_back(before: Mapping[str, Json], after: Json) -> int:
    """Take off what each got, and put on what each lost: where somebody has changed that since, it stays."""
    del after
    return tags.put_back({UUID(pk): _words(was) for pk, was in before.items()})


def _words(was: Json) -> tuple[list[str], list[str]]:
    """Return which tags a partner got and which it lost, as they were noted."""
    got, lost = cast("tuple[list[str], list[str]]", was)
    return got, lost


def _set_own(ids: Sequence[UUID], data: Cleaned) -> Applied:
    key, value = str(data["field"]), str(data["plain"])
    done = directory.set_own({pk: {key: value} for pk in ids})
    before: dict[str, Json] = {str(pk): had[key] for pk, had in done.items()}
    return Applied(
        before, {"field": key, "value": value}, f"with {data['words']}"[:120] if value else str(data["words"])
    )


def _set_own_back(before: Mapping[str, Json], after: Json) -> int:
    assert isinstance(after, Mapping)
    key, value = str(after["field"]), str(after["value"])
    if key not in {field.key for field in here("partner")}:
        return 0
    now = values_of("partner", [UUID(pk) for pk in before])
    still = {pk: {key: str(before[str(pk)])} for pk, has in now.items() if has.get(key, "") == value}
    return len(directory.set_own(still))


def _ask(ids: Sequence[UUID], data: Cleaned) -> Applied:
    asked = share.ask_reps(ids, note=str(data["note"]), by=_whoever_acts())
    alone = Partner.objects.filter(pk__in=ids, rep=None).count()
    words = "whose reps are asked for an estimate"
    return Applied(
        {str(pk): None for pk in asked},
        "asked",
        f"{words}; {figure(alone)} are in nobody’s panel" if alone else words,
    )


def _ask_back(before: Mapping[str, Json], after: Json) -> int:
    """Take back the questions that nobody has answered."""
    del after
    return len(share.withdraw_requests([UUID(pk) for pk in before]))


def _whoever_acts() -> Membership | None:
    member = current_actor().member_id
    return Membership.objects.filter(pk=member).first() if member else None


def _still(before: Mapping[str, Json], **now: Json) -> list[UUID]:
    """Return the partners that are as they were left."""
    rows = Partner.objects.filter(pk__in=list(before), **now)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _by_value(before: Mapping[str, Json], ids: Sequence[UUID]) -> dict[str, list[UUID]]:
    """Return ids by what they had before; "" for nothing."""
    found: dict[str, list[UUID]] = defaultdict(list)
    for pk in ids:
        found[str(before[str(pk)] or "")].append(pk)
    return found


ACTIONS = [
    BulkAction(
        key="rep",
        label="Rep",
        icon="user-share",
        letter="A",
        right=Right.PARTNER_EDIT,
        form=RepForm,
        apply=_give_rep,
        undo=_give_rep_back,
        order=10,
    ),
    BulkAction(
        key="tags",
        label="Tags",
        icon="tag",
        letter="T",
        right=Right.PARTNER_EDIT,
        form=BulkTagsForm,
        apply=_tag,
        undo=_tag_back,
        order=25,
    ),
    BulkAction(
        key="kind",
        label="Kind",
        icon="category",
        right=Right.PARTNER_EDIT,
        form=KindForm,
        apply=_give_kind,
        undo=_give_kind_back,
        order=30,
    ),
    BulkAction(
        key="active",
        label="Active",
        icon="toggle-right",
        right=Right.PARTNER_EDIT,
        form=ActiveForm,
        apply=_set_active,
        undo=_set_active_back,
        order=40,
    ),
    BulkAction(
        key="ask",
        label="Ask the rep",
        icon="chart-pie",
        letter="Q",
        right=Right.ACTIVITY_MANAGE,
        form=AskForm,
        apply=_ask,
        undo=_ask_back,
        order=30,
    ),
    BulkAction(
        key="own",
        label="Own field",
        icon="forms",
        right=Right.PARTNER_EDIT,
        form=OwnForm,
        apply=_set_own,
        undo=_set_own_back,
        order=45,
        shown=lambda: bool(here("partner")),
    ),
]
