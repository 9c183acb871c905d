"""Ids that exist, put into requests that were made up: of the tenant itself, and of another one.

A made-up id finds nothing, so half of them become ids of rows of the kind that is asked for, a quarter ids of the other
tenant. No answer may name a row of the other tenant, or say one of its words.
"""

import random
import re

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What the last part of an address, or a field, names a row of.
KINDS = {
    "partners": "partners.Partner",
    "partner": "partners.Partner",
    "tier-proposals": "partners.Partner",
    "partner-codes": "partners.ReferralCode",
    "share-estimates": "partners.ShareEstimate",
    "tier-reviews": "partners.TierReview",
    "orders": "orders.Order",
    "exchange-rates": "orders.ExchangeRate",
    "visits": "activities.Visit",
    "insights": "activities.Insight",
    "opportunities": "activities.Opportunity",
    "opportunity": "activities.Opportunity",
    "budget-updates": "activities.BudgetUpdate",
    "call-plans": "activities.CallPlan",
    "competitors": "activities.Competitor",
    "competitor": "activities.Competitor",
    "differentiators": "activities.Differentiator",
    "campaigns": "campaigns.Campaign",
    "campaign": "campaigns.Campaign",
    "contacts": "partners.Contact",
    "control-totals": "orders.ControlTotal",
    "imports": "orders.ImportRun",
    "lists": "bringing.BringRun",
    "own-fields": "ownfields.OwnField",
    "partner-kinds": "partners.PartnerKind",
    "partner-merges": "partners.PartnerMerge",
    "policies": "partners.StandingPolicy",
    "products": "orders.Product",
    "product": "orders.Product",
    "review-cycles": "partners.ReviewCycle",
    "saved-views": "partners.SavedView",
    "share-rules": "orders.ShareRule",
    "tags": "partners.Tag",
    "rep": "accounts.Membership",
    "owner": "accounts.Membership",
}
MOST = 30


def known(tenant, other):
    """What an `Exchange` is made of, as JSON takes it: own ids by kind, the other's ids and words.

    An id that a request has used for a row here, too, tells nothing any more.
    """
    from django.apps import apps

    from partners.directory.models import Partner
    from prm.accounts.models import Membership
    from prm.tenancy.base import TenantModel
    from prm.tenancy.context import tenant_scope

    with tenant_scope(tenant):
        own = {kind: _ids(apps.get_model(label)) for kind, label in KINDS.items()}
        names = set(Partner.objects.values_list("name", flat=True))
        models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
        here = {str(pk) for model in models for pk in model.objects.values_list("pk", flat=True)}
    with tenant_scope(other):
        foreign = sorted(
            {pk for model in models for pk in _ids(model) if UUID.fullmatch(pk) and pk not in here}
        )
        words = [name for name in Partner.objects.values_list("name", flat=True) if name not in names]
        words += Membership.objects.values_list("user__email", flat=True)
    return {"own": own, "foreign": foreign, "words": words}


def _ids(model):
    return [str(pk) for pk in model.objects.order_by("pk").values_list("pk", flat=True)[:MOST]]


class Exchange:
    """Exchanges the ids of requests, and remembers those of the other tenant that were sent.

    A row that is made here under an id of the other tenant has that id here as well: an id says nothing then.
    """

    def __init__(self, own, foreign, words):
        self.own = own
        self.foreign = frozenset(foreign)
        self.choices = list(foreign)
        self.words = words
        self.sent = set()

    def id_of(self, kind, made_up):
        """An id instead of one that was made up; the same for the same."""
        chance = random.Random(made_up)
        draw = chance.random()
        if draw < 0.5 and self.own.get(kind):
            return chance.choice(self.own[kind])
        return chance.choice(self.choices) if draw < 0.75 else made_up

    def value(self, value, kind):
        """A value with the ids in it exchanged, at any depth; `kind` names the field it stands in."""
        if isinstance(value, dict):
            return {name: self.value(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner, kind) for inner in value]
        if isinstance(value, str) and UUID.fullmatch(value):
            return self.id_of(kind, value)
        return value

    def request(self, case):
        """Exchange what an address, its query and its body name."""
        place = case.operation.path.split("/{id}")[0].rstrip("/").rsplit("/", 1)[-1]
        if case.path_parameters:
            case.path_parameters = {n: self.value(v, place) for n, v in case.path_parameters.items()}
        if case.query:
            case.query = self.value(dict(case.query), place)
        if isinstance(case.body, dict | list):
            case.body = self.value(case.body, place)
        self.sent |= self.foreign & set(UUID.findall(asked(case)))

    def told(self, case, text):
        """What an answer says of the other tenant."""
        question = asked(case)
        ids = {pk for pk in UUID.findall(text) if pk in self.foreign and pk not in self.sent}
        return sorted(ids) + [word for word in self.words if word in text and word not in question]


def asked(case):
    """Everything a request said."""
    return f"{case.path_parameters} {case.query} {case.body}"
