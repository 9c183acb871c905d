"""What of this app a line of the audit trail offers to take back, each by its room's own address."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from partners.bulk.models import BulkChange
from partners.bulk.service import UNDO_WITHIN
from partners.lookalikes.models import LookAlike
from partners.merges.models import PartnerMerge
from partners.reviews.models import TierReview
from partners.reviews.service import UNDO_WITHIN as REVIEW_WITHIN
from partners.share.models import EstimateRequest, ShareEstimate
from partners.share.states import RequestState
from partners.tags.models import PartnerTag, Tag
from prm.accounts.rights import Right
from prm.audit.trail.queries import Line
from prm.audit.trail.states import Act
from prm.audit.trail.undoing import Offer, Stays, Taken, Undo
from prm.core.clock import now
from prm.core.urls import tenant_url
from prm.tenancy.audit import gone
from prm.tenancy.context import current_actor, current_tenant
from prm.ui.formatting import day


def _url(name: str, **to: object) -> str:
    return tenant_url(current_tenant(), f"partners:{name}", **to)


def _ids(lines: Sequence[Line]) -> set[UUID]:
    return {line.object_id for line in lines}


def _bulk(lines: Sequence[Line]) -> Mapping[str, Offer]:
    rows = BulkChange.objects.in_bulk(_ids(lines))
    return {line.key: _of_bulk(rows[line.object_id]) for line in lines if line.object_id in rows}


def _of_bulk(change: BulkChange) -> Offer:
    if change.undone_at:
        return Offer(why=f"Taken back on {day(change.undone_at)}.")
    if now() - change.at > UNDO_WITHIN:
        return Offer(why=f"This can be taken back within {UNDO_WITHIN.days} days.")
    return Offer(_url("bulk-undo", pk=change.pk))


def _merges(lines: Sequence[Line]) -> Mapping[str, Offer]:
    rows = PartnerMerge.objects.in_bulk(_ids(lines))
    return {
        line.key: Offer(why=f"Taken back on {day(merge.undone_at)}.")
        if merge.undone_at
        else Offer(_url("merge-undo", pk=merge.pk))
        for line in lines
        if (merge := rows.get(line.object_id))
    }


def _reviews(lines: Sequence[Line]) -> Mapping[str, Offer]:
    """Offer it to whoever signed, as long as the room does: a quarter of an hour."""
    mine = TierReview.objects.filter(
        pk__in=_ids(lines), signed_by=current_actor().member_id, signed_at__gt=now() - REVIEW_WITHIN
    )
    decided = mine.exclude(decision__in=[TierReview.Decision.INITIAL, TierReview.Decision.UNDO])
    ids = set(decided.values_list("pk", flat=True)) if current_actor().member_id else set()
    return {
        line.key: Offer(_url("review-undo", pk=line.object_id)) for line in lines if line.object_id in ids
    }


def _estimates(lines: Sequence[Line]) -> Mapping[str, Offer]:
    here = set(ShareEstimate.objects.filter(pk__in=_ids(lines)).values_list("pk", flat=True))
    return {line.key: _of_row(line, "estimate", is_here=line.object_id in here) for line in lines}


def _of_row(line: Line, name: str, *, is_here: bool) -> Offer:
    """Offer to remove what was added and is here, and to put back what was removed and is not."""
    if line.act == Act.ADDED:
        return (
            Offer(_url(f"{name}-remove", pk=line.object_id)) if is_here else Offer(why="It is gone already.")
        )
    return Offer(why="It is back already.") if is_here else Offer(_url(f"{name}-restore", pk=line.object_id))


def _requests(lines: Sequence[Line]) -> Mapping[str, Offer]:
    open_ones = EstimateRequest.objects.filter(pk__in=_ids(lines), state=RequestState.OPEN).in_bulk()
    return {
        line.key: Offer(_url("estimate-withdraw", pk=open_ones[line.object_id].partner_id))
        for line in lines
        if line.object_id in open_ones
    }


def _tags(lines: Sequence[Line]) -> Mapping[str, Offer]:
    """Offer to take off what was put on, and to put on again what was taken off (3 queries).

    A tag that nobody has is gone; what it was called is in the trail, and putting it on makes it again.
    """
    here = set(PartnerTag.objects.filter(pk__in=_ids(lines)).values_list("pk", flat=True))
    ids = {UUID(str(line.row["tag_id"])) for line in lines}
    gone_ones = gone(Tag).filter(pgh_obj_id__in=ids).values_list("pgh_obj_id", "name")
    names = dict(gone_ones) | dict(Tag.objects.filter(pk__in=ids).values_list("pk", "name"))
    found = {}
    for line in lines:
        name = names.get(UUID(str(line.row["tag_id"])))
        if line.act == Act.ADDED and line.object_id in here:
            found[line.key] = Offer(_url("tag-off", pk=line.object_id))
        elif line.act == Act.REMOVED and name:
            found[line.key] = Offer(_url("tag-add", pk=line.row["partner_id"]), {"tags": name})
    return found


def _pairs(lines: Sequence[Line]) -> Mapping[str, Offer]:
    said = set(
        LookAlike.objects.filter(pk__in=_ids(lines)).exclude(state="open").values_list("pk", flat=True)
    )
    return {
        line.key: Offer(_url("look-alike", pk=line.object_id, state="open"))
        for line in lines
        if line.object_id in said
    }


_ADDED = frozenset({Act.ADDED})
# Of what has a row of its own, every line says how that stands by now.
_STAND = frozenset({Act.ADDED, Act.CHANGED})
_BOTH = frozenset({Act.ADDED, Act.REMOVED})
_EDIT = (Right.PARTNER_EDIT,)
_ON_PAGE = "Change it back on the page of whom it is about; what it was stands here."

UNDOS: list[Taken] = [
    Undo(
        key="partners.bulkchange",
        acts=_STAND,
        rights=(Right.PARTNER_EDIT, Right.ACTIVITY_MANAGE),
        offers=_bulk,
        otherwise="The change of many is gone.",
    ),
    Undo(
        key="partners.partnermerge",
        acts=_STAND,
        rights=(Right.ORDER_TIE,),
        offers=_merges,
        otherwise="The merge is gone.",
    ),
    Undo(
        key="partners.tierreview",
        acts=_ADDED,
        rights=(Right.TIER_DECIDE,),
        offers=_reviews,
        otherwise="A signed decision stays as it was. Whoever signed takes it back within 15 minutes; after that "
        "a new decision takes its place.",
    ),
    Undo(
        key="partners.shareestimate", acts=_BOTH, rights=_EDIT, offers=_estimates, otherwise=_ON_PAGE
    ),
    Undo(
        key="partners.estimaterequest",
        acts=_ADDED,
        rights=(Right.ACTIVITY_MANAGE,),
        offers=_requests,
        otherwise="The question is closed. Ask again on the page of whom it is about.",
    ),
    Undo(
        key="partners.partnertag",
        acts=_BOTH,
        rights=_EDIT,
        offers=_tags,
        otherwise="It is so already, or the tag is gone.",
    ),
    Undo(
        key="partners.lookalike",
        acts=frozenset({Act.CHANGED}),
        rights=(Right.ORDER_TIE,),
        offers=_pairs,
        otherwise="The pair is open, or gone with one of its two.",
    ),
    Stays("partners.partner", "Edit the details back: another may rest on them meanwhile."),
    Stays("partners.partnervalue", _ON_PAGE),
    Stays("partners.partneralias", _ON_PAGE),
    Stays("partners.referralcode", "What came with the code followed it at once. Add it again, or move it, on the page of its owner."),
    Stays("partners.contact", _ON_PAGE),
    Stays("partners.partnerkind", "Change it back under Settings."),
    Stays("partners.tag", "Tags are renamed, merged and made under Settings; taken off everybody, put it on again there."),
    Stays("partners.savedview", "Save the view again from the list."),
    Stays("partners.standingpolicy", "A policy that was in force explains decisions. Confirm another one under Tier policy."),
    Stays("partners.reviewcomment", "What was said stays said: say more, and the last word counts."),
    Stays("partners.reviewsettings", "Change it back in the tier review."),
    Stays("partners.reviewcycle", "A signed review is opened again on its page, until the day it is in force."),
    Stays("partners.cycledecision", "Decisions of an open review are taken back in the review, one by one."),
    Stays("partners.partneraccess", "Access to the portal is given and taken under Members."),
    Stays("partners.partnerinvitation", "A mail that was sent cannot be called back. Revoke the invitation under Members."),
]  # fmt: skip
