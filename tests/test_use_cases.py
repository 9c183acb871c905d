"""Every use case called as everybody: who lacks the right is refused there, whichever page or door leads to it.

The table names each function of every `service.py` with its right and one way to call it. A new one is
not covered until it stands here; `test_every_service_is_in_the_table` says so.
"""

import inspect
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from activities.campaigns.planning.models import Link
from activities.campaigns.planning.service import CampaignInput
from activities.market.budgets.models import Opportunity
from activities.market.budgets.revising import Revision
from activities.market.budgets.service import BudgetInput, OpportunityInput
from activities.market.competition.models import Insight
from activities.market.names.models import Competitor
from activities.plans.models import CallPlan
from activities.visits.models import Visit
from activities.visits.service import PastVisit
from orders.ingest.stage import Stage
from orders.reconciliation.reading import TotalRow
from orders.reconciliation.states import Origin
from orders.rejects.models import RejectedLine
from orders.runs.corrections.bring import Alike
from orders.runs.states import RunState
from orders.states import ShareCase
from partners.policy.models import StandingPolicy
from partners.reviews.cycle.models import ReviewCycle
from partners.reviews.service import Asked
from prm.accounts.middleware import actor_of
from prm.accounts.models import ApiKey, Invitation, Membership
from prm.accounts.rights import RIGHTS, SCOPES, Right, rights_of
from prm.accounts.service import add_member
from prm.core import clock
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.core.registry import our_apps
from prm.digest.choices.queries import arranged_for
from prm.digest.sending.queries import Waiting
from prm.salesforce.adoption.service import Answer
from prm.salesforce.credentials.models import Authorization
from prm.salesforce.mapping.choices import FieldChoice, ScopeChoice
from prm.salesforce.setup.signin.service import Visitor
from prm.salesforce.wire.signin import ByCode
from prm.tenancy.context import Actor, acting_as, current_actor, granted, tenant_scope
from prm.tenancy.use_cases import needs_no_right, require, requires
from tests.activities import factories as activities
from tests.activities.campaigns import factories as campaigns
from tests.orders.factories import make_source
from tests.partners.factories import make_partner

ROOT = Path(__file__).resolve().parent.parent
# A service by another name: keys are made and ended there.
ALSO = ("prm.accounts.keys",)

NOWHERE = ByCode("no address", "", "", "", "", "")
NOBODY = Visitor(0, "", "")
NO_ROWS = Alike("date_missing", "date", "")
RATE, MAY = Right.RATE_EDIT, date(2026, 5, 1)
WRITES = (Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
MANAGE = Right.ACTIVITY_MANAGE
TOML = 'name = "Feed"\ntimezone = "UTC"\n[columns]\nnumber = "No"\ndate = "Date"\namount = "Sum"\n'


@dataclass
class World:
    """What the calls need: a rep's own rows (`whose` is that rep), and everybody's."""

    whose: Membership
    partner: Any
    visit: Visit
    insight: Insight
    opportunity: Opportunity
    source: Any
    run: Any
    member: Membership
    partner_login: Membership
    campaign: Any = None
    signer: Membership | None = None

    @property
    def update(self) -> Any:
        return self.opportunity.budget_updates.get()


@dataclass
class Row:
    """The rights of which one is needed, and a call. `kept`: a rep is let in for their own rows only."""

    rights: tuple[Right, ...]
    call: Callable[[Callable[..., Any], World], object]
    kept: bool = False


def row(*rights: Right, kept: bool = False) -> Callable[..., Row]:
    return lambda call: Row(rights, call, kept)


def opportunity_input() -> OpportunityInput:
    return OpportunityInput(name="New", amount=Decimal(1), close_date=date(2027, 1, 1))


def past(w: World) -> PastVisit:
    return PastVisit(partner=w.partner, rep=w.whose, details=activities.visit_input())


def brings_no_partners():
    """Whether who acts may import, but not bring partners."""
    return current_actor().may(RUN) and not current_actor().may(EDIT)


def campaign_input() -> CampaignInput:
    return CampaignInput(
        name="Echo lab", channels=["email"], starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 1)
    )


no_lines = RejectedLine.objects.none
POLICY, TIE, RUN, SYNC = Right.POLICY_EDIT, Right.ORDER_TIE, Right.IMPORT_RUN, Right.SYNC_EDIT
CHOOSE = Right.CONFLICT_DECIDE
EDIT, DECIDE, MEMBERS, KEYS = Right.PARTNER_EDIT, Right.TIER_DECIDE, Right.MEMBER_EDIT, Right.KEY_EDIT
SETTINGS = Right.SETTINGS_EDIT

TABLE: dict[str, Row] = {
    "activities.campaigns.settings.service.save_settings": row(SETTINGS)(
        lambda f, w: f(hosts=["www.mercy.example"], consent="Counted.", keep_months=12)
    ),
    "activities.campaigns.planning.service.create_campaign": row(MANAGE)(
        lambda f, w: f(details=campaign_input())
    ),
    "activities.campaigns.planning.service.change_campaign": row(MANAGE)(
        lambda f, w: f(campaign=w.campaign, details=campaign_input())
    ),
    "activities.campaigns.planning.service.revise_campaigns": row(MANAGE)(lambda f, w: f({})),
    "activities.campaigns.planning.service.remove_campaign": row(MANAGE)(lambda f, w: f(campaign=w.campaign)),
    "activities.campaigns.planning.service.start_campaign": row(MANAGE)(lambda f, w: f(campaign=w.campaign)),
    "activities.campaigns.planning.service.unstart_campaign": row(MANAGE)(
        lambda f, w: f(campaign=w.campaign)
    ),
    "activities.campaigns.planning.service.begin_wave": row(MANAGE)(lambda f, w: f(campaign=w.campaign)),
    "activities.campaigns.planning.service.mark_sent": row(MANAGE)(
        lambda f, w: f(wave=w.campaign.waves.get(), on=date(2026, 9, 1))
    ),
    "activities.campaigns.planning.service.mark_sent_again": row(MANAGE)(
        lambda f, w: f(campaign=w.campaign, on=date(2026, 1, 2))
    ),
    "activities.campaigns.planning.service.end_campaign": row(MANAGE)(lambda f, w: f(campaign=w.campaign)),
    "activities.campaigns.planning.service.reopen_campaign": row(MANAGE)(lambda f, w: f(campaign=w.campaign)),
    "activities.campaigns.planning.service.add_link": row(MANAGE)(
        lambda f, w: f(campaign=w.campaign, label="Page", url="https://www.mercy.example/")
    ),
    "activities.campaigns.planning.service.change_link": row(MANAGE)(
        lambda f, w: f(link=Link(campaign=w.campaign), label="P", url="https://www.mercy.example/")
    ),
    "activities.campaigns.planning.service.remove_link": row(MANAGE)(
        lambda f, w: f(link=Link(campaign=w.campaign))
    ),
    "activities.campaigns.members.service.add_members": row(MANAGE)(
        lambda f, w: f(campaign=w.campaign, partners=[w.partner.pk])
    ),
    "activities.campaigns.members.service.add_people": row(MANAGE)(
        lambda f, w: f(campaign=w.campaign, members=[(w.partner.pk, None)])
    ),
    "activities.campaigns.members.service.add_selected": row(MANAGE)(
        lambda f, w: f([w.partner.pk], campaign=w.campaign)
    ),
    "activities.campaigns.members.service.take_out_selected": row(MANAGE)(
        lambda f, w: f([], campaign_id=w.campaign.pk)
    ),
    "activities.campaigns.members.service.add_by_filter": row(MANAGE)(
        lambda f, w: f(campaign=w.campaign, query="")
    ),
    "activities.campaigns.members.service.fill_wave": row()(lambda f, w: f(uuid7())),
    "activities.campaigns.members.service.remove_members": row(MANAGE)(
        lambda f, w: f(campaign=w.campaign, members=[])
    ),
    "activities.campaigns.members.service.set_reach": row(MANAGE)(
        lambda f, w: f(campaign=w.campaign, members=[], reach="unknown")
    ),
    "activities.campaigns.members.service.set_attended": row(*WRITES)(
        lambda f, w: f(campaign=w.campaign, members=[])
    ),
    "activities.campaigns.members.service.take_responses": row(MANAGE)(lambda f, w: f({})),
    "activities.campaigns.members.service.tell_members": row()(lambda f, w: f(uuid7())),
    "activities.campaigns.members.service.ask_for_letters": row(MANAGE)(lambda f, w: f(campaign=w.campaign)),
    "activities.campaigns.members.service.write_letters": row()(lambda f, w: f(uuid7())),
    "activities.campaigns.members.service.forget_letters": row()(lambda f, w: f()),
    "activities.campaigns.counting.service.settle": row()(lambda f, w: f()),
    "activities.campaigns.counting.service.forget_old": row()(lambda f, w: f()),
    "activities.campaigns.results.service.count_figures": row()(lambda f, w: f(uuid7())),
    "partners.directory.service.create_partner": row(EDIT)(lambda f, w: f(name="New", kind="agent")),
    "partners.directory.service.create_partners_from_codes": row(EDIT)(
        lambda f, w: f({"N1": ""}, kind="agent", scheme="")
    ),
    "partners.directory.service.update_partner": row(EDIT)(lambda f, w: f(w.partner.pk, phone="555")),
    "partners.directory.service.update_partners": row(EDIT)(lambda f, w: f({w.partner.pk: {"phone": "556"}})),
    "partners.directory.service.assign_rep": row(EDIT)(lambda f, w: f([], rep=w.whose)),
    "partners.directory.service.create_partners": row(EDIT)(lambda f, w: f([])),
    "partners.directory.service.add_codes": row(EDIT)(lambda f, w: f([])),
    "partners.directory.service.set_kind": row(EDIT)(lambda f, w: f([], kind="dealer")),
    "partners.directory.service.set_active": row(EDIT)(lambda f, w: f([], is_active=False)),
    "partners.saved.service.save_view": row(Right.PARTNER_VIEW)(
        lambda f, w: f(name="Mine", query="tier=low", by=w.signer)
    ),
    "partners.saved.service.change_view": row(Right.PARTNER_VIEW)(lambda f, w: f(uuid7(), name="X")),
    "partners.saved.service.remove_view": row(Right.PARTNER_VIEW)(lambda f, w: f(uuid7())),
    "partners.bulk.service.change_many": row(EDIT, Right.ACTIVITY_MANAGE)(
        lambda f, w: f([w.partner.pk], action="active", values={"active": "no"}, by=w.signer)
    ),
    "partners.bulk.service.undo_change": row(EDIT, Right.ACTIVITY_MANAGE)(lambda f, w: f(uuid7())),
    "activities.plans.service.set_call_plans": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f([w.partner.pk], visits=1, months=1)
    ),
    "activities.plans.service.put_plans_back": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f({}, {"visits": 1, "months": 1, "valid_from": "2026-01-01"})
    ),
    "partners.tags.service.change_tags": row(EDIT)(lambda f, w: f([w.partner.pk], add=["night"])),
    "partners.tags.service.tag_each": row(EDIT)(lambda f, w: f({w.partner.pk: ["night"]})),
    "partners.tags.service.put_back": row(EDIT)(lambda f, w: f({})),
    "partners.tags.service.set_tags": row(EDIT)(lambda f, w: f(w.partner.pk, ["night"])),
    "partners.tags.service.rename_tag": row(Right.ACTIVITY_MANAGE)(lambda f, w: f(uuid7(), name="day")),
    "partners.tags.service.merge_tags": row(Right.ACTIVITY_MANAGE)(lambda f, w: f(uuid7(), into=uuid7())),
    "partners.tags.service.remove_tag": row(Right.ACTIVITY_MANAGE)(lambda f, w: f(uuid7())),
    "prm.digest.choices.service.set_default": row(SETTINGS)(lambda f, w: f(frequency="off")),
    "prm.digest.sending.service.send_due": row()(lambda f, w: f(1.0)),
    "prm.digest.sending.service.send_one": row()(
        lambda f, w: f(Waiting(w.member, MAY, arranged_for(w.member), clock.now()))
    ),
    "prm.ownfields.service.add_field": row(SETTINGS)(
        lambda f, w: f(of="partner", name="Beds", type="number")
    ),
    "prm.ownfields.service.change_field": row(SETTINGS)(lambda f, w: f(uuid7(), name="Beds")),
    "prm.ownfields.service.move_field": row(SETTINGS)(lambda f, w: f(uuid7(), up=True)),
    "prm.ownfields.service.order_fields": row(SETTINGS)(lambda f, w: f("partner", [])),
    "prm.ownfields.service.remove_field": row(SETTINGS)(lambda f, w: f(uuid7())),
    "orders.book.service.set_own": row(TIE, Right.ORDER_WRITE)(lambda f, w: f({uuid7(): {}})),
    "partners.directory.service.set_own": row(EDIT)(lambda f, w: f({w.partner.pk: {}})),
    "partners.directory.service.add_code": row(EDIT)(lambda f, w: f(w.partner.pk, scheme="", code="X1")),
    "partners.directory.service.remove_code": row(EDIT)(lambda f, w: f(uuid7())),
    "partners.directory.service.add_alias": row(EDIT)(lambda f, w: f(w.partner.pk, name="Al")),
    "partners.directory.service.remove_alias": row(EDIT)(lambda f, w: f(uuid7())),
    "partners.kinds.service.begin_kinds": row()(lambda f, w: f()),
    "partners.kinds.service.add_kind": row(SETTINGS)(lambda f, w: f(singular="Clinic")),
    "partners.kinds.service.change_kind": row(SETTINGS)(lambda f, w: f("agent", plural="Men")),
    "partners.kinds.service.order_kinds": row(SETTINGS)(lambda f, w: f(["dealer"])),
    "partners.kinds.service.set_regulated": row(SETTINGS, POLICY)(lambda f, w: f(["dealer"])),
    "partners.lookalikes.service.decide": row(TIE)(lambda f, w: f(uuid7(), state="apart")),
    "partners.merges.service.merge_partners": row(TIE)(lambda f, w: f(w.partner.pk, merged_id=uuid7())),
    "partners.merges.large.service.ask_merge": row(TIE)(lambda f, w: f(w.partner.pk, merged_id=uuid7())),
    "partners.merges.large.service.ask_undo": row(TIE)(lambda f, w: f(uuid7())),
    "partners.merges.large.service.perform": row(TIE)(lambda f, w: f(uuid7())),
    "partners.merges.service.undo_merge": row(TIE)(lambda f, w: f(uuid7())),
    "partners.kinds.service.move_kind": row(SETTINGS)(lambda f, w: f("agent", up=True)),
    "prm.company.settings.service.change_company": row(SETTINGS)(lambda f, w: f(by=w.signer, name="Other")),
    "prm.company.settings.service.confirm_company": row(SETTINGS)(lambda f, w: f(by=w.signer)),
    "prm.company.settings.service.carry_out": row(SETTINGS)(lambda f, w: f(uuid7())),
    "prm.company.settings.service.note_failure": row()(lambda f, w: f(uuid7(), "No.")),
    "prm.company.settings.service.undo_change": row(SETTINGS)(lambda f, w: f(uuid7(), by=w.signer)),
    "prm.company.settings.service.set_logo": row(SETTINGS)(lambda f, w: f(b"GIF89a", by=w.signer)),
    "prm.company.settings.service.remove_logo": row(SETTINGS)(lambda f, w: f(by=w.signer)),
    "prm.company.setup.service.put_aside": row(SETTINGS)(lambda f, w: f()),
    "prm.company.setup.service.take_up": row(SETTINGS)(lambda f, w: f()),
    "prm.company.sample.service.ask_to_fill": row(SETTINGS)(lambda f, w: f()),
    "prm.company.sample.service.ask_to_remove": row(SETTINGS)(lambda f, w: f()),
    "prm.company.sample.service.fill_step": row()(lambda f, w: f()),
    "prm.company.sample.service.remove_all": row()(lambda f, w: f()),
    "partners.policy.service.begin_policy": row()(lambda f, w: (StandingPolicy.objects.all().delete(), f())),
    "partners.policy.service.set_policy": row(POLICY)(lambda f, w: f(by=w.signer, lapse_months=7)),
    "partners.policy.service.draft_policy": row(POLICY)(lambda f, w: f(by=w.signer, lapse_months=7)),
    "partners.policy.service.discard_draft": row(POLICY)(lambda f, w: f()),
    "partners.policy.service.confirm_draft": row(POLICY)(lambda f, w: f(by=w.signer)),
    "partners.policy.service.begin_due": row()(lambda f, w: f()),
    "partners.whatif.service.propose": row(POLICY)(lambda f, w: f(by=w.signer)),
    "partners.whatif.service.draft": row(POLICY)(lambda f, w: f(by=w.signer, lapse_months=7)),
    "partners.whatif.service.put_in_force": row(POLICY)(lambda f, w: f(by=w.signer, lapse_months=7)),
    "prm.audit.keeping.service.set_retention": row(SETTINGS)(lambda f, w: f(years=3)),
    "prm.audit.keeping.service.record_export": row(Right.AUDIT_VIEW)(
        lambda f, w: f(lines=1, file_format="csv", asked="all")
    ),
    "prm.audit.keeping.service.forget_old": row()(lambda f, w: f(1.0)),
    "partners.portal.service.grant_access": row(MEMBERS)(lambda f, w: f(w.partner_login, partner=w.partner)),
    "partners.portal.service.invite": row(MEMBERS)(
        lambda f, w: f(w.partner, email="new@partner.example", by=w.signer)
    ),
    "partners.reviews.service.decide_tier": row(DECIDE)(
        lambda f, w: f(w.partner.pk, decision="accept", by=w.signer, from_tier="low", proposed_tier="high")
    ),
    "partners.reviews.service.decide_many": row(DECIDE)(
        lambda f, w: f([Asked(w.partner.pk, "low", "high")], decision="accept", by=w.signer)
    ),
    "partners.reviews.service.add_comment": row(Right.ACTIVITY_WRITE)(
        lambda f, w: f(w.partner.pk, text="Moves to us in January.", by=w.signer)
    ),
    "partners.reviews.letters.service.set_letter": row(DECIDE)(
        lambda f, w: f(subject="Your tier", text="Dear {partner},")
    ),
    "partners.reviews.letters.service.send_letters": row(DECIDE)(lambda f, w: f(ReviewCycle(name="Q4"))),
    "partners.reviews.service.undo_reviews": row(DECIDE)(lambda f, w: f([uuid7()], by=w.signer)),
    "partners.reviews.cycle.service.set_review_settings": row(DECIDE)(
        lambda f, w: f(two_people=True, every_quarter=False)
    ),
    "partners.reviews.cycle.service.open_cycle": row(DECIDE)(lambda f, w: f(by=w.signer)),
    "partners.reviews.cycle.service.note_decisions": row(DECIDE)(
        lambda f, w: f(uuid7(), [Asked(w.partner.pk, "low", "high")], decision="accept", by=w.signer)
    ),
    "partners.reviews.cycle.service.take_back": row(DECIDE)(lambda f, w: f([uuid7()])),
    "partners.reviews.cycle.service.sign_cycle": row(DECIDE)(lambda f, w: f(uuid7(), by=w.signer)),
    "partners.reviews.cycle.service.reopen_cycle": row(DECIDE)(
        lambda f, w: f(uuid7(), by=w.signer, reason="Two letters were written before.")
    ),
    "partners.reviews.service.undo_review": row(DECIDE)(lambda f, w: f(uuid7(), by=w.signer)),
    "partners.pasted.service.paste": row(Right.PARTNER_VIEW)(lambda f, w: f("Ann", by=w.signer)),
    "partners.share.service.remove_estimate": row(EDIT)(lambda f, w: f(uuid7())),
    "partners.share.service.restore_estimate": row(EDIT)(lambda f, w: f(uuid7())),
    "partners.share.service.ask_reps": row(MANAGE)(lambda f, w: f([w.partner.pk], by=w.signer)),
    "partners.share.service.withdraw_requests": row(MANAGE)(lambda f, w: f([w.partner.pk])),
    "partners.share.service.decline_request": row(EDIT)(lambda f, w: f(uuid7())),
    "partners.share.service.reopen_request": row(EDIT)(lambda f, w: f(uuid7())),
    "partners.share.service.add_estimates": row(EDIT)(lambda f, w: f([])),
    "partners.share.service.add_estimate": row(EDIT)(
        lambda f, w: f(
            w.partner.pk, low=1, middle=2, high=3, source="Claims", as_of=date(2026, 1, 1), by=w.signer
        )
    ),
    "orders.attribution.service.waiting": row(TIE)(lambda f, w: f()),
    "orders.attribution.service.waiting_codes": row(TIE)(lambda f, w: f()),
    "orders.attribution.service.suggestions_for": row(TIE)(lambda f, w: f([])),
    "orders.attribution.service.tie_code": row(TIE)(lambda f, w: f("77", partner_id=w.partner.pk)),
    "orders.attribution.service.tie_waiting": row(TIE, EDIT)(lambda f, w: f(w.partner.codes.get())),
    "orders.attribution.service.settle_code": row(TIE)(
        lambda f, w: f("77", scheme="", sources=[], held_by=None)
    ),
    "orders.attribution.service.moving_codes": row(TIE)(lambda f, w: f()),
    "orders.attribution.service.tie_waiting_for": row(TIE, EDIT)(lambda f, w: f([])),
    "orders.attribution.service.undo_answer": row(TIE)(lambda f, w: f(uuid7())),
    "orders.attribution.service.untie_code": row(TIE)(lambda f, w: f("77")),
    "orders.attribution.service.tie_orders": row(TIE)(lambda f, w: f([uuid7()], partner_id=w.partner.pk)),
    "orders.attribution.service.untie_orders": row(TIE)(lambda f, w: f([uuid7()])),
    "orders.attribution.service.ignore_code": row(TIE)(lambda f, w: f("77")),
    "orders.attribution.service.unignore_code": row(TIE)(lambda f, w: f("77")),
    "orders.attribution.service.move_orders": row(TIE)(lambda f, w: f(Q(pk=uuid7()), w.partner.pk)),
    "orders.attribution.service.ignore_orders": row(TIE)(lambda f, w: f([])),
    "orders.rates.service.set_rate": row(RATE)(lambda f, w: f("EUR", since=MAY, rate=Decimal(1))),
    "orders.rates.service.import_rates": row(RATE)(lambda f, w: f("currency,since,rate\nEUR,2026-05-01,1")),
    "orders.rates.service.set_rates": row(RATE)(lambda f, w: f([])),
    "orders.rates.service.change_rate": row(RATE)(lambda f, w: f(uuid7(), rate=Decimal(1))),
    "orders.rates.service.remove_rate": row(RATE)(lambda f, w: f(uuid7())),
    "orders.rates.service.set_oldest_days": row(RATE)(lambda f, w: f(30)),
    "orders.rates.service.count_again": row(RATE)(lambda f, w: f()),
    "orders.catalogue.service.set_family": row(TIE)(lambda f, w: f([], "")),
    "orders.catalogue.service.merge_product": row(TIE)(lambda f, w: f(uuid7(), into=uuid7())),
    "orders.catalogue.service.unmerge_product": row(TIE)(lambda f, w: f(uuid7())),
    "orders.shares.service.share_order": row(TIE)(lambda f, w: f(uuid7(), [])),
    "orders.shares.service.unshare_order": row(TIE)(lambda f, w: f(uuid7())),
    "orders.shares.service.save_rule": row(TIE)(
        lambda f, w: f(case=ShareCase.ORGANISATION, percent=Decimal(20))
    ),
    "orders.shares.service.remove_rule": row(TIE)(lambda f, w: f(uuid7())),
    "orders.shares.service.share_by_rules": row(TIE)(lambda f, w: f()),
    "orders.shares.service.rules": row(TIE)(lambda f, w: f()),
    "orders.rejects.service.correct": row(RUN)(lambda f, w: f(uuid7(), {})),
    "orders.rejects.service.retry": row(RUN)(lambda f, w: f(no_lines())),
    "orders.rejects.service.ask_retry": row(RUN)(lambda f, w: f(w.run.pk, "")),
    "orders.rejects.service.retry_all": row(RUN)(lambda f, w: f(w.run.pk, "")),
    "orders.rejects.service.dismiss": row(RUN)(lambda f, w: f(no_lines())),
    "orders.rejects.service.reopen": row(RUN)(lambda f, w: f(no_lines())),
    "orders.rejects.service.as_file": row(RUN)(lambda f, w: f(w.source, no_lines())),
    "orders.rejects.service.foresee_alike": row(RUN)(lambda f, w: f(w.source, NO_ROWS)),
    "orders.rejects.service.correct_alike": row(RUN)(lambda f, w: f(w.source, NO_ROWS)),
    "orders.runs.service.open_run": row(RUN)(lambda f, w: f(w.source, [("a.csv", 1)])),
    "orders.runs.service.receive": row(RUN)(lambda f, w: f(w.source, [])),
    "orders.runs.service.look": row(RUN)(lambda f, w: f(w.run.pk)),
    "orders.runs.service.read_again": row(RUN)(lambda f, w: f(w.run.pk)),
    "orders.runs.service.remove_strays": row(RUN)(lambda f, w: f()),
    "orders.runs.service.start": row(RUN)(lambda f, w: f(w.run.pk)),
    "orders.runs.service.start_accepting": row(RUN)(lambda f, w: f(w.run.pk, [])),
    "orders.runs.service.perform": row(RUN)(lambda f, w: f(w.run.pk)),
    "orders.runs.service.stop": row(RUN)(lambda f, w: f(w.run.pk)),
    "orders.runs.service.take_back": row(RUN)(lambda f, w: f(w.run.pk)),
    "orders.runs.service.settle_dead_runs": row(RUN)(lambda f, w: f()),
    "orders.runs.service.forget_old": row(RUN)(lambda f, w: f()),
    "orders.runs.service.accept": row(RUN)(lambda f, w: f(w.run.pk, "date=as-source")),
    "orders.runs.service.receive_kept": row(RUN)(lambda f, w: f(w.source, "a.csv", "x")),
    "orders.samples.service.bring": row(Right.SOURCE_EDIT)(lambda f, w: f(ContentFile(b"a;b", name="a.csv"))),
    "orders.samples.service.study_sample": row(Right.SOURCE_EDIT)(lambda f, w: f(uuid7())),
    "orders.samples.service.set_columns": row(Right.SOURCE_EDIT)(lambda f, w: f(uuid7(), {})),
    "orders.samples.service.use": row(Right.SOURCE_EDIT)(
        lambda f, w: f(uuid7(), name="X", answers={}, more={})
    ),
    "orders.samples.service.discard": row(Right.SOURCE_EDIT)(lambda f, w: f(uuid7())),
    "orders.samples.service.forget_old": row(Right.SOURCE_EDIT)(lambda f, w: f()),
    "orders.sources.service.load_source": row(Right.SOURCE_EDIT)(lambda f, w: f(TOML)),
    "orders.sources.service.save_source": row(Right.SOURCE_EDIT)(
        lambda f, w: f(w.source, name="Other", spec=w.source.spec)
    ),
    "orders.ingest.service.take": row(Right.ORDER_WRITE, RUN)(lambda f, w: f(w.source, _nothing)),
    "orders.doors.rest.service.source_for": row(Right.ORDER_WRITE)(lambda f, w: f(None)),
    "orders.doors.rest.service.take_orders": row(Right.ORDER_WRITE)(lambda f, w: f(w.source, [{}])),
    "activities.visits.service.log_visit": row(Right.ACTIVITY_WRITE, kept=True)(
        lambda f, w: f(partner=w.partner, rep=w.whose, details=activities.visit_input())
    ),
    "activities.visits.service.log_past_visits": row()(lambda f, w: f(visits=[past(w)])),
    "activities.visits.service.change_visit": row(*WRITES, kept=True)(
        lambda f, w: f(visit=w.visit, details=activities.visit_input())
    ),
    "activities.visits.service.remove_visit": row(*WRITES, kept=True)(
        lambda f, w: f(visit=w.visit, by=w.signer)
    ),
    "activities.visits.service.restore_visit": row(*WRITES, kept=True)(
        lambda f, w: f(visit_id=w.visit.pk, by=w.signer)
    ),
    "activities.visits.service.complete_step": row(*WRITES, kept=True)(lambda f, w: f(visit=w.visit)),
    "activities.visits.service.reopen_step": row(*WRITES, kept=True)(lambda f, w: f(visit=w.visit)),
    "activities.visits.service.complete_past_steps": row()(lambda f, w: f(visits=[w.visit])),
    "activities.market.budgets.service.create_opportunity": row(*WRITES, kept=True)(
        lambda f, w: f(partner=w.partner, owner=w.whose, details=opportunity_input())
    ),
    "activities.market.budgets.service.change_opportunity": row(*WRITES, kept=True)(
        lambda f, w: f(opportunity=w.opportunity, name="Other", stage="prospecting")
    ),
    "activities.market.budgets.service.revise_opportunities": row(*WRITES, kept=True)(
        lambda f, w: f({w.opportunity.pk: Revision(name="Other")})
    ),
    "activities.market.budgets.service.update_budget": row(*WRITES, kept=True)(
        lambda f, w: f(opportunity=w.opportunity, by=w.signer, amount=Decimal(7))
    ),
    "activities.market.budgets.service.keep_budget": row(*WRITES, kept=True)(
        lambda f, w: f(
            partner=w.partner,
            by=w.signer or w.whose,
            visit_id=w.visit.pk,
            budget=BudgetInput(opportunity=w.opportunity, amount=Decimal(7)),
        )
    ),
    "activities.market.budgets.service.reverse_budget": row(*WRITES, kept=True)(
        lambda f, w: f(update=w.update, by=w.signer)
    ),
    "activities.market.budgets.service.restore_budgets": row(*WRITES)(
        lambda f, w: f(partner_id=w.partner.pk, visit_id=uuid7(), at=clock.now(), by=w.signer)
    ),
    "activities.market.budgets.service.take_back": row(*WRITES, kept=True)(
        lambda f, w: f(update=w.update, by=w.signer)
    ),
    "activities.market.budgets.service.close_opportunity": row(*WRITES, kept=True)(
        lambda f, w: f(opportunity=w.opportunity, state="won")
    ),
    "activities.market.budgets.service.reopen_opportunity": row(*WRITES, kept=True)(
        lambda f, w: f(opportunity=w.opportunity)
    ),
    "activities.market.competition.service.add_insight": row(*WRITES, kept=True)(
        lambda f, w: f(partner=w.partner, rep=w.whose, insight=activities.insight_input())
    ),
    "activities.market.competition.service.keep_insight": row(*WRITES, kept=True)(
        lambda f, w: f(
            partner=w.partner, rep=w.whose, insight=activities.insight_input(), day=date(2026, 1, 1)
        )
    ),
    "activities.market.competition.service.change_insight": row(*WRITES, kept=True)(
        lambda f, w: f(insight=w.insight, details=activities.insight_input())
    ),
    "activities.market.competition.service.restore_insight": row(*WRITES, kept=True)(
        lambda f, w: f(insight_id=w.insight.pk)
    ),
    "activities.market.competition.service.restore_all": row(*WRITES)(
        lambda f, w: f(partner_id=w.partner.pk, visit_id=uuid7(), at=clock.now())
    ),
    "activities.market.competition.service.remove_insight": row(*WRITES, kept=True)(
        lambda f, w: f(insight=w.insight)
    ),
    "activities.market.competition.service.remove_all": row(*WRITES, kept=True)(lambda f, w: f([w.insight])),
    "activities.market.names.service.competitor_named": row(*WRITES)(lambda f, w: f(name="Rival")),
    "activities.market.names.service.differentiator_named": row(*WRITES)(lambda f, w: f(name="Price")),
    "activities.market.names.service.rename": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f(row=Competitor.objects.get(), name="Renamed")
    ),
    "activities.market.budgets.service.say_what_for": row(*WRITES, kept=True)(
        lambda f, w: f(opportunity=w.opportunity, competitor=None, product=None)
    ),
    "activities.market.budgets.products.service.split_opportunity": row(*WRITES, kept=True)(
        lambda f, w: f(opportunity=w.opportunity, parts=[])
    ),
    "activities.market.budgets.service.confirm_budget": row(*WRITES, kept=True)(
        lambda f, w: f(opportunity=w.opportunity, by=w.signer)
    ),
    "activities.market.budgets.service.ask_about": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f(opportunities=[w.opportunity])
    ),
    "activities.market.budgets.service.tie_orders": row(*WRITES, kept=True)(
        lambda f, w: f(opportunity=w.opportunity, orders=[])
    ),
    "activities.market.cards.service.write_line": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f(competitor=Competitor.objects.get(), line="Say this.", by=w.signer)
    ),
    "activities.market.news.service.look": row()(lambda f, w: f()),
    "activities.market.names.service.named": row(*WRITES)(lambda f, w: f(Competitor, "Rival", "name")),
    "activities.market.names.service.place": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f(competitor=Competitor.objects.get(), city="Dover")
    ),
    "activities.market.names.service.add_other_name": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f(row=Competitor.objects.get(), name="Another")
    ),
    "activities.market.names.service.remove_other_name": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f(row=Competitor.objects.get())
    ),
    "activities.market.names.service.merge": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f(row=Competitor.objects.get(), into=Competitor.objects.get())
    ),
    "activities.market.names.service.separate": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f(row=Competitor.objects.get())
    ),
    "activities.market.names.service.keep_apart": row(Right.ACTIVITY_MANAGE)(
        lambda f, w: f(row=Competitor.objects.get(), other=Competitor.objects.get())
    ),
    "activities.plans.service.set_call_plan": row(*WRITES, kept=True)(
        lambda f, w: f(partner=w.partner, visits=1)
    ),
    # A kind of list asks for rights of its own beside: who may import, but not edit partners, may bring no list of those.
    "activities.lists.runs.service.bring": row(RUN)(
        lambda f, w: None if brings_no_partners() else f("partners", ContentFile(b"Name\nA", name="a.csv"))
    ),
    "activities.lists.runs.service.look": row(RUN)(lambda f, w: f(uuid7())),
    "activities.lists.runs.service.set_columns": row(RUN)(lambda f, w: f(uuid7(), columns={})),
    "activities.lists.runs.service.set_defaults": row(RUN)(lambda f, w: f(uuid7(), {})),
    "activities.lists.runs.service.read_again": row(RUN)(lambda f, w: f(uuid7())),
    "activities.lists.runs.service.decide": row(RUN)(lambda f, w: f(uuid7(), "new")),
    "activities.lists.runs.service.start": row(RUN)(lambda f, w: f(uuid7())),
    "activities.lists.runs.service.write": row(RUN)(lambda f, w: f(uuid7())),
    "activities.lists.runs.service.stop": row(RUN)(lambda f, w: f(uuid7())),
    "activities.lists.runs.service.take_back": row(RUN)(lambda f, w: f(uuid7())),
    "activities.lists.runs.service.give_back": row(RUN)(lambda f, w: f(uuid7())),
    "activities.lists.runs.service.rejects_csv": row(RUN)(lambda f, w: f(uuid7())),
    "activities.lists.runs.service.settle_dead_runs": row(RUN)(lambda f, w: f()),
    "activities.lists.runs.service.forget_old": row(RUN)(lambda f, w: f()),
    "partners.contacts.service.add_contact": row(EDIT)(lambda f, w: f(w.partner.pk, name="Ann")),
    "partners.contacts.service.add_contacts": row(EDIT)(lambda f, w: f([])),
    "partners.contacts.service.change_contact": row(EDIT)(lambda f, w: f(uuid7(), name="Ann")),
    "partners.contacts.service.revise_contacts": row(EDIT)(lambda f, w: f({})),
    "partners.contacts.service.remove_contact": row(EDIT)(lambda f, w: f(uuid7())),
    "partners.directory.service.remove_partner": row(EDIT)(lambda f, w: f(w.partner.pk)),
    "activities.plans.service.remove_call_plan": row(*WRITES, kept=True)(
        lambda f, w: f(plan=CallPlan(partner=w.partner, visits=1, valid_from=MAY))
    ),
    "prm.salesforce.pages.service.look_again": row(SYNC)(lambda f, w: f()),
    "orders.reconciliation.service.declare": row(Right.TOTAL_WRITE)(
        lambda f, w: f(w.source, [TotalRow(MAY, 1, None)], origin=Origin.API)
    ),
    "orders.reconciliation.service.withdraw": row(Right.TOTAL_WRITE)(lambda f, w: f(uuid7())),
    "orders.reconciliation.service.refresh": row(Right.RECONCILE)(lambda f, w: f(MAY, MAY)),
    "orders.reconciliation.service.count_there": row(Right.RECONCILE)(lambda f, w: f(MAY, MAY)),
    "orders.reconciliation.service.sign": row(Right.RECONCILE)(lambda f, w: f(uuid7(), note="known")),
    "orders.reconciliation.service.reopen": row(Right.RECONCILE)(lambda f, w: f(uuid7())),
    "orders.reconciliation.service.undo_decision": row(Right.RECONCILE)(lambda f, w: f(uuid7())),
    "prm.salesforce.pages.service.send_now": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.inbox.service.try_again": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.inbox.service.create_again": row(SYNC)(
        lambda f, w: f(mapping="partners.partner", record_ids=[])
    ),
    "prm.salesforce.inbox.service.choose": row(CHOOSE)(lambda f, w: f(conflict_id=uuid7(), side="here")),
    "prm.salesforce.inbox.service.choose_all": row(CHOOSE)(lambda f, w: f(choices=[])),
    "prm.salesforce.inbox.service.choose_many": row(CHOOSE)(lambda f, w: f(choices=[])),
    "prm.salesforce.inbox.service.undo": row(CHOOSE)(lambda f, w: f(conflict_id=uuid7())),
    "prm.salesforce.breakers.service.approve": row(SYNC)(lambda f, w: f(uuid7())),
    "prm.salesforce.breakers.service.refuse": row(SYNC)(lambda f, w: f(uuid7())),
    "prm.salesforce.breakers.service.set_rules": row(SYNC)(lambda f, w: f({"loop_times": 0})),
    "prm.salesforce.fieldmap.service.read_objects": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.fieldmap.service.read_users": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.owners.service.choose": row(SYNC)(lambda f, w: f(member_id=uuid7(), user="")),
    "prm.salesforce.owners.service.by_email": row(SYNC)(lambda f, w: f(member_id=uuid7())),
    "prm.salesforce.owners.service.choose_fallback": row(SYNC)(lambda f, w: f(user="")),
    "prm.salesforce.fieldmap.service.choose_field": row(SYNC)(
        lambda f, w: f(key="orders.order", here="amount", choice=FieldChoice())
    ),
    "prm.salesforce.fieldmap.service.choose_value": row(SYNC)(
        lambda f, w: f(key="orders.order", here="stage", ours="a", theirs="a")
    ),
    "prm.salesforce.fieldmap.service.choose_constant": row(SYNC)(
        lambda f, w: f(key="orders.order", there="Site", value="")
    ),
    "prm.salesforce.fieldmap.service.choose_object": row(SYNC)(
        lambda f, w: f(key="orders.order", sobject="")
    ),
    "prm.salesforce.fieldmap.service.choose_scope": row(SYNC)(
        lambda f, w: f(key="partners.partner", scope=ScopeChoice())
    ),
    "prm.salesforce.fieldmap.service.choose_kinds": row(SYNC)(
        lambda f, w: f(key="partners.partner", kinds={})
    ),
    "prm.salesforce.fieldmap.service.load": row(SYNC)(lambda f, w: f({})),
    "prm.salesforce.fieldmap.service.discard": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.fieldmap.service.back_to": row(SYNC)(lambda f, w: f(1)),
    "prm.salesforce.fieldmap.service.put_in_force": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.fieldmap.service.try_draft": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.setup.service.connect": row(SYNC)(
        lambda f, w: f(login_url="no address", client_id="", client_secret="")
    ),
    "prm.salesforce.setup.service.connect_by_key": row(SYNC)(
        lambda f, w: f(login_url="no address", client_id="", username="")
    ),
    "prm.salesforce.setup.service.connect_by_code": row(SYNC)(lambda f, w: f(way=NOWHERE, allowed_by="")),
    "prm.salesforce.setup.signin.service.prepare": row(SYNC)(lambda f, w: f(login_url="x", client_id="")),
    "prm.salesforce.setup.signin.service.find": row(SYNC)(lambda f, w: f(uuid7())),
    "prm.salesforce.setup.signin.service.way_there": row(SYNC)(lambda f, w: f(_authorization(), NOBODY)),
    "prm.salesforce.setup.signin.service.way_back": row(SYNC)(
        lambda f, w: f(state="", code="", error="", description="", visitor=NOBODY)
    ),
    "prm.salesforce.setup.signin.service.make_key": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.setup.service.start": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.setup.service.read_there": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.adoption.service.decide": row(SYNC)(lambda f, w: f(ids=[], answer=Answer.LATER)),
    "prm.salesforce.adoption.service.take_back": row(SYNC)(lambda f, w: f(ids=[])),
    "prm.salesforce.adoption.service.undo": row(SYNC)(lambda f, w: f(uuid7())),
    "prm.salesforce.setup.service.try_start": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.setup.service.pause": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.setup.service.resume": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.setup.service.disconnect": row(SYNC)(lambda f, w: f()),
    "prm.salesforce.setup.service.set_up": row(SYNC)(lambda f, w: f()),
    "prm.accounts.invitations.service.invite": row(MEMBERS)(
        lambda f, w: f(email="new@mercy.example", role="rep", by=w.signer)
    ),
    "prm.accounts.invitations.service.renew_mail": row(MEMBERS)(lambda f, w: f(_invitation(), by=w.signer)),
    "prm.accounts.invitations.service.note_failure": row(MEMBERS)(lambda f, w: f(_invitation())),
    "prm.accounts.invitations.service.hand_over": row(MEMBERS)(lambda f, w: f(_invitation(), by=w.signer)),
    "prm.accounts.invitations.service.sign_in_link": row(MEMBERS)(lambda f, w: f(w.member, by=w.signer)),
    "prm.accounts.invitations.service.revoke": row(MEMBERS)(lambda f, w: f(_invitation(), by=w.signer)),
    "prm.accounts.service.add_member": row()(lambda f, w: f(email="new@mercy.example", role="rep")),
    "prm.accounts.service.change_member": row(MEMBERS)(lambda f, w: f(w.member, role="rep")),
    "prm.accounts.keys.create_key": row(KEYS)(
        lambda f, w: f(name="Feed", scopes=["orders:read"], created_by=w.member)
    ),
    "prm.accounts.keys.keep_key": row(KEYS)(lambda f, w: f(ApiKey.objects.get(), by=w.signer)),
    "prm.accounts.keys.revoke_key": row(KEYS)(lambda f, w: f(ApiKey.objects.get())),
    "prm.operations.service.clear_expired": row()(lambda f, w: f()),
    "prm.tenancy.service.create_tenant": row()(lambda f, w: f(slug="new", name="New")),
}


def _authorization():
    return Authorization(login_url="https://x.example", verifier="v" * 43)


def _invitation() -> Invitation:
    invitation: Invitation = Invitation.objects.create(
        email="new@mercy.example", role="rep", expires_at=clock.now() + timedelta(days=1)
    )
    return invitation


def _nothing(stage: Stage) -> None:
    del stage


# --- the table is whole -------------------------------------------------------------------------


@cache
def services() -> dict[str, Callable[..., Any]]:
    """Every public function that a service module defines, by its full name."""
    found = {}
    for module in [*_service_modules(), *ALSO]:
        for name, thing in vars(import_module(module)).items():
            is_own = inspect.isfunction(thing) and thing.__module__ == module
            if is_own and not name.startswith("_"):
                found[f"{module}.{name}"] = thing
    return found


def _service_modules() -> list[str]:
    return sorted(
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for app in our_apps()
        for file in Path(app.path).rglob("service.py")
    )


def test_every_service_is_in_the_table_or_says_why_it_needs_no_right():
    guarded = {name for name, function in services().items() if not hasattr(function, "open_because")}
    assert len(guarded) > 60
    assert guarded == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_a_service_asks_for_the_right_of_the_table(name):
    assert services()[name].required == TABLE[name].rights


# --- everybody tries everything -----------------------------------------------------------------


@pytest.fixture
def worlds(mercy):
    """Rows of mary, and of roy whom she must not act for; administrator and manager act for both."""
    with tenant_scope(mercy.tenant):
        roy = add_member(email="roy@mercy.example", role="rep", name="Roy")
        login = add_member(email="pia@partner.example", role="partner", name="Pia")
        ApiKey.objects.create(name="Feed", prefix="x", secret_hash="x", scopes=["orders:read"])
        source = make_source()
        run = source.runs.create(door="page", by="alice", state=RunState.DONE, files=[])
        made = {}
        for whose, rep in (("own", mercy.rep), ("other", roy)):
            partner = make_partner(rep=rep, codes=[f"c-{whose}"])
            made[whose] = World(
                whose=rep,
                partner=partner,
                visit=activities.visit(partner, rep, next_step="Call"),
                insight=activities.insight(partner, rep),
                opportunity=activities.opportunity(partner, rep),
                campaign=campaigns.campaign(),
                source=source,
                run=run,
                member=mercy.manager,
                partner_login=login,
            )
    return mercy, made, login


def actors(house, login):
    """Everybody who may come: members of each role, keys of each scope, strangers, PRM's own work."""
    members = {"administrator": house.administrator, "manager": house.manager, "rep": house.rep}
    members["partner"] = login
    assert set(members) == set(RIGHTS)
    found = {role: (actor_of(member, None, "api"), member) for role, member in members.items()}
    for scope in SCOPES:
        key = SimpleNamespace(scopes=[scope], name=scope)
        found[scope] = (actor_of(None, key, "api"), None)
    found["nobody"] = (Actor(kind="unknown", door="api"), None)
    found["a task"] = (Actor(kind="task", door="task"), None)
    return found


def is_let_in(actor: Actor, name: str, world: World, signer: Membership | None) -> bool:
    """Call it as somebody and undo it; whatever else it says, was it refused for a right?"""
    world = replace(
        deepcopy(world), signer=signer
    )  # a row that one call has changed is as before in the next
    with acting_as(actor):
        try:
            with transaction.atomic():
                TABLE[name].call(services()[name], world)
                transaction.set_rollback(True)
        except PermissionDenied:
            return False
        except Refused as refused:
            return refused.code != "not_allowed"
    return True


@pytest.mark.parametrize("whose", ["own", "other"])
def test_everybody_may_do_what_their_rights_say_and_nothing_else(worlds, whose):
    house, made, login = worlds
    wrong = []
    with tenant_scope(house.tenant):
        for who, (actor, member) in actors(house, login).items():
            for name, row in TABLE.items():
                may = actor.is_program or any(actor.may(right) for right in row.rights)
                if row.kept and not actor.is_program and not actor.may(Right.ACTIVITY_MANAGE):
                    may = may and whose == "own"
                if is_let_in(actor, name, made[whose], member) is not may:
                    wrong.append((who, name, "should" if may else "should not"))
    assert wrong == []


@pytest.mark.parametrize(
    "name", [n for n, f in services().items() if "by" in inspect.signature(f).parameters]
)
def test_nobody_signs_in_another_members_name(mercy, name):
    function = services()[name]
    arguments = {
        key: None for key, p in inspect.signature(function).parameters.items() if p.kind != p.VAR_KEYWORD
    }
    with tenant_scope(mercy.tenant), acting_as(actor_of(mercy.administrator, None, "page")):
        for somebody in (mercy.manager, None):
            with pytest.raises(PermissionDenied, match="in another member's name"):
                function(**{**arguments, "by": somebody})


# --- the guard itself ---------------------------------------------------------------------------


def test_rights_of_the_actor_are_those_of_the_request(mercy):
    for member in (mercy.administrator, mercy.manager, mercy.rep):
        actor = actor_of(member, None, "page")
        assert (actor.rights, actor.member_id) == (rights_of(member), member.pk)
    key = SimpleNamespace(scopes=["orders:read"], name="Feed")
    assert actor_of(None, key, "api").rights == SCOPES["orders:read"]


@pytest.mark.parametrize("kind", ["user", "key", "unknown", "whatever comes"])
def test_who_is_not_prms_own_work_has_no_right_unless_given(mercy, kind):
    with tenant_scope(mercy.tenant, actor=Actor(kind=kind, door="page")):
        for right in Right:
            with pytest.raises(PermissionDenied, match=right.value):
                require(right)


def test_what_follows_from_an_allowed_act_needs_no_right_again(mercy):
    with tenant_scope(mercy.tenant, actor=Actor(kind="key", door="api", rights=frozenset({"order.write"}))):
        with granted(Right.PARTNER_EDIT):
            require(Right.PARTNER_EDIT)
            require(Right.ORDER_WRITE)
        with pytest.raises(PermissionDenied):
            require(Right.PARTNER_EDIT)


def test_a_function_without_rights_is_prms_own():
    @requires()
    def sweep() -> str:
        return "done"

    assert sweep() == "done"


def test_a_reason_is_needed_to_need_no_right():
    with pytest.raises(ValueError, match="why"):
        needs_no_right(" ")
