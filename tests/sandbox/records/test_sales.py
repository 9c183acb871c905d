"""Amounts of opportunities follow their lines, whatever is done to them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.org import SandboxOrg
from prm.sandbox.schema.sales import STAGES

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-11-30"}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "change", "remove"]),
        st.integers(1, 50),
        st.decimals(0, 1000, places=2),
        st.integers(0, 7),
    ),
    max_size=8,
)


class Desk:
    """An org with one priced product."""

    def __init__(self):
        self.org = SandboxOrg()
        book = self.org.store.value('SELECT "Id" FROM "Pricebook2"')
        product = self.write().insert("Product2", {"Name": "Scan", "IsActive": True})
        price = {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 1, "IsActive": True}
        self.entry = self.write().insert("PricebookEntry", price)

    def write(self):
        return self.org.writers.open(self.org.administrator)

    def read(self, name, record_id):
        return self.org.store.get(self.org.schema.entities[name.lower()], record_id)


DESK = Desk()


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_the_amount_is_the_sum_of_the_lines(steps):
    deal, lines = DESK.write().insert("Opportunity", {**DEAL, "Amount": 5}), {}
    for action, quantity, price, chosen in steps:
        values = {"Quantity": quantity, "UnitPrice": float(price)}
        if action == "add" or not lines:
            line = {"OpportunityId": deal, "PricebookEntryId": DESK.entry, **values}
            lines[DESK.write().insert("OpportunityLineItem", line)] = quantity * price
            continue
        line_id = sorted(lines)[chosen % len(lines)]
        if action == "change":
            DESK.write().update("OpportunityLineItem", line_id, values)
            lines[line_id] = quantity * price
        else:
            DESK.write().delete(line_id)
            del lines[line_id]
        stored = DESK.read("Opportunity", deal)
        assert stored["HasOpportunityLineItem"] == bool(lines)
    if lines:
        assert DESK.read("Opportunity", deal)["Amount"] == pytest.approx(float(sum(lines.values())))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.label)
def test_a_stage_says_state_and_chance(stage):
    deal = DESK.write().insert("Opportunity", {**DEAL, "StageName": stage.label.upper(), "Amount": 1000})
    stored = DESK.read("Opportunity", deal)
    assert (stored["StageName"], stored["IsClosed"], stored["IsWon"]) == (
        stage.label,
        stage.closed,
        stage.won,
    )
    assert stored["ExpectedRevenue"] == 10 * stage.probability


def test_an_unknown_stage_is_open():
    stored = DESK.read("Opportunity", DESK.write().insert("Opportunity", {**DEAL, "StageName": "Own"}))
    assert (stored["StageName"], stored["IsClosed"], stored["Probability"]) == ("Own", 0, 0)


def test_an_inactive_price_sells_nothing():
    deal = DESK.write().insert("Opportunity", DEAL)
    DESK.write().update("PricebookEntry", DESK.entry, {"IsActive": False})
    line = {"OpportunityId": deal, "PricebookEntryId": DESK.entry, "Quantity": 1, "UnitPrice": 1}
    try:
        with pytest.raises(SandboxError, match="inactive"):
            DESK.write().insert("OpportunityLineItem", line)
    finally:
        DESK.write().update("PricebookEntry", DESK.entry, {"IsActive": True})


def test_nobody_is_his_own_parent():
    account = DESK.write().insert("Account", {"Name": "A"})
    with pytest.raises(SandboxError, match="CIRCULAR_DEPENDENCY"):
        DESK.write().update("Account", account, {"ParentId": account})
