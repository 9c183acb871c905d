"""Rules of accounts, contacts, opportunities, products and prices."""

from __future__ import annotations

from prm.sandbox.kit.errors import SandboxError, required_missing
from prm.sandbox.kit.types import Row, Value
from prm.sandbox.records.currencies import NAME as CURRENCY
from prm.sandbox.records.models import Change
from prm.sandbox.schema.models import Schema
from prm.sandbox.schema.sales import STAGES, Stage
from prm.sandbox.store.models import Store

_STAGES = {stage.label.lower(): stage for stage in STAGES}


def _refuse(message: str, *fields: str) -> SandboxError:
    text = f"field integrity exception: {fields[0] if fields else 'PricebookEntryId'} ({message})"
    return SandboxError("FIELD_INTEGRITY_EXCEPTION", text, fields=fields)


def _get(schema: Schema, store: Store, name: str, record_id: Value) -> Row:
    """Return a record by id; an empty one when there is none."""
    return store.get(schema.entities[name], str(record_id or "")) or {}


def refuse_own_parent(change: Change, schema: Schema, store: Store) -> None:
    """Refuse a record that is its own parent."""
    row = change.row
    if row["ParentId"] and row["ParentId"] == row["Id"]:
        raise SandboxError("CIRCULAR_DEPENDENCY", "A record cannot be its own parent", fields=["ParentId"])


def refuse_inactive_owner(change: Change, schema: Schema, store: Store) -> None:
    """Refuse an owner who cannot sign in any more; records that he owns already may be changed otherwise."""
    owner = _get(schema, store, "user", change.row.get("OwnerId"))
    if owner and not owner["IsActive"]:
        words = f"operation performed with inactive user [{owner['Id']}] as owner of {change.entity.title.lower()}"
        raise SandboxError("INACTIVE_OWNER_OR_USER", words)


def person(change: Change, schema: Schema, store: Store) -> None:
    """Put the full name together."""
    names = (change.text("FirstName"), change.text("LastName"))
    change.row["Name"] = " ".join(part for part in names if part) or None


def opportunity(change: Change, schema: Schema, store: Store) -> None:
    """Derive state and probability from the stage; with lines the amount is their sum."""
    row, old = change.row, change.old
    if change.moved("StageName") and row["StageName"]:
        label = change.text("StageName")
        stage = _STAGES.get(label.lower(), Stage(label, 0, False, False, "Pipeline"))
        row["StageName"], row["IsClosed"], row["IsWon"] = stage.label, int(stage.closed), int(stage.won)
        row["ForecastCategory"] = stage.forecast
        if "Probability" not in change.given:
            row["Probability"] = float(stage.probability)
        if "ForecastCategoryName" not in change.given:
            row["ForecastCategoryName"] = stage.forecast
    if old and old["HasOpportunityLineItem"]:
        # Accepted and ignored, as in a real org.
        row["Amount"] = old["Amount"]
        if row["Pricebook2Id"] != old["Pricebook2Id"]:
            raise _refuse("cannot change the price book while there are products", "Pricebook2Id")
    _set_expected(row)


def _set_expected(row: Row) -> None:
    amount, probability = row["Amount"], row["Probability"]
    if isinstance(amount, int | float):
        chance = probability if isinstance(probability, int | float) else 0
        row["ExpectedRevenue"] = round(amount * chance / 100, 2)
    else:
        row["ExpectedRevenue"] = None


def line(change: Change, schema: Schema, store: Store) -> None:
    """Derive product and prices of a line item."""
    row, given = change.row, change.given
    entry = _get(schema, store, "pricebookentry", row["PricebookEntryId"])
    deal = _get(schema, store, "opportunity", row["OpportunityId"])
    if not entry or not deal:
        return  # the check for required fields says what is missing
    if CURRENCY in deal:
        row[CURRENCY] = deal[CURRENCY]
    if change.old is None:
        _choose_book(deal, entry, schema, store)
        product = _get(schema, store, "product2", entry["Product2Id"])
        row["Product2Id"], row["ProductCode"] = entry["Product2Id"], product.get("ProductCode")
        row["ListPrice"] = entry["UnitPrice"]
        row["Name"] = f"{deal['Name']} {product.get('Name')}"[:376]
    by_total = "TotalPrice" in given and row["TotalPrice"] is not None
    if by_total and "UnitPrice" in given and row["UnitPrice"] is not None:
        raise _refuse("cannot specify both unit price and total price", "TotalPrice")
    sold = change.number("Quantity") * (1 - change.number("Discount") / 100)
    if by_total:
        row["UnitPrice"] = round(change.number("TotalPrice") / sold, 2) if sold else 0.0
    elif row["UnitPrice"] is None:
        raise required_missing(["UnitPrice"])
    else:
        row["TotalPrice"] = round(sold * change.number("UnitPrice"), 2)


def _choose_book(deal: Row, entry: Row, schema: Schema, store: Store) -> None:
    """Give the opportunity the price book of its first line, and refuse lines of another."""
    if not entry["IsActive"]:
        raise _refuse("pricebook entry is inactive")
    if entry.get(CURRENCY) != deal.get(CURRENCY):
        raise _refuse(
            "the currency of the pricebook entry is not that of the opportunity", "PricebookEntryId"
        )
    if deal["Pricebook2Id"] is None:
        book: Row = {"Pricebook2Id": entry["Pricebook2Id"]}
        store.update(schema.entities["opportunity"], str(deal["Id"]), book)
    elif deal["Pricebook2Id"] != entry["Pricebook2Id"]:
        raise _refuse(
            "pricebook entry is in a different pricebook than the one assigned to the opportunity",
            "PricebookEntryId",
        )


def roll_up(change: Change, schema: Schema, store: Store) -> None:
    """Carry the lines' sum to their opportunity; its stamps move."""
    entity = schema.entities["opportunity"]
    deal = _get(schema, store, "opportunity", change.row["OpportunityId"])
    if not deal or deal["IsDeleted"]:
        return
    count, total, quantity = store.tuples(
        'SELECT count(*), sum("TotalPrice"), sum("Quantity") FROM "OpportunityLineItem"'
        ' WHERE "OpportunityId" = ? AND "IsDeleted" = 0',
        (deal["Id"],),
    )[0]
    deal["HasOpportunityLineItem"] = int(bool(count))
    if count:
        deal["Amount"], deal["TotalOpportunityQuantity"] = round(float(total or 0), 2), quantity
    _set_expected(deal)
    store.update(entity, str(deal["Id"]), {**deal, **change.signature.modified(entity)})


def price(change: Change, schema: Schema, store: Store) -> None:
    """Derive a price from the standard one, which has to be there first."""
    row = change.row
    if not (row["Pricebook2Id"] and row["Product2Id"]):
        return
    book = _get(schema, store, "pricebook2", row["Pricebook2Id"])
    # Of several currencies each has a standard price of its own.
    also = f' AND e."{CURRENCY}" = ?' if CURRENCY in change.entity.fields else ""
    standard = store.value(
        'SELECT e."UnitPrice" FROM "PricebookEntry" e JOIN "Pricebook2" b ON b."Id" = e."Pricebook2Id"'
        f' WHERE b."IsStandard" = 1 AND e."Product2Id" = ? AND e."IsDeleted" = 0{also}',  # nosec B608 # names are our own, values are parameters
        (row["Product2Id"], *([row[CURRENCY]] if also else [])),
    )
    if not book.get("IsStandard") and standard is None:
        raise SandboxError(
            "STANDARD_PRICE_NOT_DEFINED", "Before creating a custom price, create a standard price."
        )
    if row["UseStandardPrice"] and not book.get("IsStandard"):
        row["UnitPrice"] = standard
    product = _get(schema, store, "product2", row["Product2Id"])
    row["Name"], row["ProductCode"] = product.get("Name"), product.get("ProductCode")
