"""What becomes of this app's rows about a partner that is merged into another; see `partners.merges`."""

from uuid import UUID

from partners.contacts.models import Contact
from partners.directory.models import Partner, PartnerAlias, PartnerValue, ReferralCode
from partners.merges.registry import Moved, MovedTable, moved_rows, stays
from partners.portal.models import PartnerAccess, PartnerInvitation
from partners.reviews.models import ReviewComment
from partners.share.models import ShareEstimate
from partners.tags.models import PartnerTag


def _count_members(partner_id: UUID) -> int:
    return Partner.objects.filter(organisation=partner_id).count()


def _move_members(merged: UUID, survivor: UUID) -> Moved:
    """Move who belongs to an organisation; also those merged, so that all comes back in one piece."""
    members = Partner.with_merged.filter(organisation=merged).exclude(pk=survivor)
    ids = list(members.order_by("pk").values_list("pk", flat=True))
    Partner.with_merged.filter(pk__in=ids).update(organisation=survivor)
    return Moved(ids)


def _put_members_back(moved: Moved, merged: UUID, survivor: UUID) -> int:
    members = Partner.with_merged.filter(pk__in=list(moved.ids), organisation=survivor)
    return members.exclude(pk=merged).update(organisation=merged)


PARTNER_TABLES = [
    # Codes change under the order lock, and many at a time.
    moved_rows(ReferralCode, nouns=("referral code", "referral codes"), order=10, sends_on=False),
    moved_rows(PartnerAlias, nouns=("other name", "other names"), order=15),
    # What the survivor has of a field stays; the merged partner keeps its own, for the way back.
    moved_rows(PartnerValue, nouns=("own field", "own fields"), one_per=("field",), order=17),
    moved_rows(PartnerTag, nouns=("tag", "tags"), one_per=("tag",), order=18),
    MovedTable(
        table="partners_partner",
        column="organisation_id",
        nouns=("member", "members"),
        count=_count_members,
        move=_move_members,
        put_back=_put_members_back,
        order=80,
    ),
    moved_rows(Contact, nouns=("contact", "contacts"), order=20),
    moved_rows(ShareEstimate, nouns=("estimate", "estimates"), order=60),
    moved_rows(ReviewComment, nouns=("word for the review", "words for the review"), order=65),
    moved_rows(PartnerAccess, nouns=("sign-in to the portal", "sign-ins to the portal"), order=70),
    moved_rows(PartnerInvitation, nouns=("invitation", "invitations"), order=75),
    *stays("partners_partner", "merged_into_id", because="the chain of merges is followed to its end"),
    *stays("partners_partnerword", because="the database keeps it with the name"),
    *stays("partners_partnermonth", because="made true from the orders, which move"),
    *stays("partners_standing", because="removed, and computed anew"),
    *stays("partners_orderwatch", because="judged anew every night; lists show partners of their own"),
    *stays("partners_levelchange", because="how the partner's level changed then, as it was known then"),
    *stays("partners_standingmonth", because="how the partner stood then, as it was known then"),
    *stays("partners_standingrequest", because="a note to compute, worked off by itself"),
    *stays(
        "partners_cycledecision",
        because="a decision about this partner and no other; one merged since is left out",
    ),
    *stays(
        "partners_estimaterequest",
        because="a question about this partner and no other; lists show partners of their own",
    ),
    *stays("partners_tierreview", because="a signed decision about this partner and no other"),
    *stays(
        "partners_lookalike",
        "first_id",
        "second_id",
        because="a pair is listed while both are partners of their own",
    ),
    *stays("partners_mergetask", "survivor_id", "merged_id", because="a note of work, worked off by itself"),
    *stays("partners_partnermerge", "survivor_id", "merged_id", because="the log of merges itself"),
]
