"""The temporary tables of an import: their columns, who writes and who reads each.

They keep half-read files out of everybody's sight and out of the write-ahead log, need no policy (no
other session can see them), and are gone with the transaction, whatever ends it. The role needs the
TEMPORARY privilege on the database, which PostgreSQL grants to all by default.

Writers and readers in capitals are statements of `sql.py` and `merging/sql.py` (a test compares both); the others
are files of this room, or functions of other apps that are given the table's name.
"""

from typing import Final

from orders.ingest.statement import TemporaryTable

# --- staged while files are read ------------------------------------------------------------------

_BLOCK_COLUMNS: Final = {
    "block": "int NOT NULL",
    "file_no": "int NOT NULL",
    "first_line": "int NOT NULL",
    "number": 'text COLLATE "C" NOT NULL',
    "code": 'text COLLATE "C" NOT NULL',
    "partner_name": "text NOT NULL",
    "currency": "text NOT NULL",
    "state": "text NOT NULL",
    "lines_before": "int NOT NULL",
    "lines": "int NOT NULL",
    "repeats": "int NOT NULL",
    "is_reversal": "boolean NOT NULL",
    "is_refund": "boolean NOT NULL",
    "content_hash": "text NOT NULL",
}

BLOCK: Final = TemporaryTable(
    "prm_block",
    about="One order in one file: consecutive lines with the same number. `block` counts up in a run."
    " `is_refund`: its lines come to less than nothing, so they are taken off the order. `blanks`: the lines"
    " that named no code themselves, by ordinal. `is_left_out`: the order is held with the same content hash, so its"
    " lines were not sent; nothing looks at lines of orders that stay unchanged.",
    columns=_BLOCK_COLUMNS | {"blanks": "int[]", "is_left_out": "boolean NOT NULL"},
    written_by=("stage.py", "DROP_SCATTERED_BLOCKS", "DROP_REFUSED", "MARK_ADDED"),
    read_by=(
        "COUNT_BLOCKS", "FIND_SCATTERED", "ANY_LEFT_OUT_SCATTERED", "LAST_BLOCK", "ANY_LEFT_OUT_CHANGES", "COMPARE", "FIND_REFUNDS", "COMPARE_REFUNDS",
        "COUNT_OUTCOMES", "SUM_UP", "REFUSE", "FIND_OTHER_MONEY", "COUNT_REFUSED",
        "TAKE_CODES_OF_REFUNDS", "TURN_ADDED", "FIND_ADDED", "COMPARE_KNOWN", "SUM_ADDED", "FIND_OTHER_CODE", "INSERT_ADDED",
    ),
)  # fmt: skip

LINE: Final = TemporaryTable(
    "prm_line",
    about="The lines of the blocks. The amount is computed while COPY runs; `given` is the one sent. `mark`"
    " tells lines apart that differ in a column of no field; `state` is NULL where the source has none.",
    columns={
        "block": "int NOT NULL",
        "ordinal": "int NOT NULL",
        "line_no": "int NOT NULL",
        "placed_at": "timestamptz NOT NULL",
        "product": "int",
        "quantity": "numeric NOT NULL",
        "unit_price": "numeric",
        "given": "numeric",
        "state": "text",
        "mark": "int NOT NULL",
        "by_hand": "boolean NOT NULL",
        "amount": "numeric GENERATED ALWAYS AS (coalesce(given, round(quantity * unit_price, 4))) STORED",
    },
    written_by=("stage.py", "DROP_SCATTERED_LINES", "TURN_ADDED"),
    read_by=("SCATTERED_LINES", "FIND_REFUNDS", "SUM_UP", "REFUSE", "WRITE_PRODUCTS", "INSERT_LINES", "APPEND_LINES", "FIND_ADDED", "TURN_ADDED"),
)  # fmt: skip

PRODUCT: Final = TemporaryTable(
    "prm_product",
    about="Codes and names of products by their number in this run; a code may have several numbers.",
    columns={"product": "int NOT NULL", "code": "text NOT NULL", "name": "text NOT NULL"},
    written_by=("stage.py",),
    read_by=("SCATTERED_LINES", "FIND_REFUNDS", "REFUSE", "WRITE_PRODUCTS", "FIND_PRODUCTS", "FIND_ADDED"),
)

REJECT: Final = TemporaryTable(
    "prm_reject",
    about="Lines that cannot be stored, and why.",
    columns={
        "file_no": "int NOT NULL",
        "line_no": "int NOT NULL",
        "reason": "text NOT NULL",
        "field": "text NOT NULL",
        "column_name": "text NOT NULL",
        "message": "text NOT NULL",
        "raw": "jsonb NOT NULL",
        "fingerprint": "text NOT NULL",
        "number": "text COLLATE \"C\" NOT NULL DEFAULT ''",
        "variant": "int NOT NULL DEFAULT 0",
    },
    written_by=("stage.py", "REFUSE", "WRITE_CELLS"),
    read_by=(
        "SOME_STAGED",
        "REFUSALS",
        "KEEP_REJECTS",
        "SETTLE_REJECTS",
        "CORRECTED_ALREADY",
        "REJECTED_LINES",
    ),
)

SCATTERED: Final = TemporaryTable(
    "prm_scattered",
    about="Blocks of orders whose lines are not consecutive in their file; they are grouped once more.",
    columns={
        name: _BLOCK_COLUMNS[name]
        for name in ("block", "file_no", "number", "code", "partner_name", "currency", "state")
    }
    | {"blanks": "int[]"},
    written_by=("FIND_SCATTERED",),
    read_by=("ANY_LEFT_OUT_SCATTERED", "SCATTERED_LINES", "DROP_SCATTERED_LINES", "DROP_SCATTERED_BLOCKS"),
)

STAGED: Final = (BLOCK, LINE, PRODUCT, REJECT, SCATTERED)

# --- made while they are merged -------------------------------------------------------------------

REFUND: Final = TemporaryTable(
    "prm_refund",
    about="Each refunding line of this run once, however often it came: `key` names its content within its"
    " order. `is_held`: it was taken off before. What follows is the line's own, so that nothing later looks for"
    " it among all lines.",
    columns={
        "block": "int NOT NULL",
        "ordinal": "int NOT NULL",
        "number": 'text COLLATE "C" NOT NULL',
        "key": "text NOT NULL",
        "is_held": "boolean NOT NULL",
        "placed_at": "timestamptz NOT NULL",
        "product": "int",
        "quantity": "numeric NOT NULL",
        "unit_price": "numeric",
        "amount": "numeric",
        "state": "text",
    },
    written_by=("FIND_REFUNDS", "FIND_ADDED"),
    read_by=(
        "COMPARE_REFUNDS", "SUPERSEDE_BY_REFUNDS", "COUNT_OUTCOMES", "SUM_REFUNDS", "FIND_TOO_LARGE",
        "FIND_OTHER_MONEY", "WRITE_PRODUCTS", "INSERT_REFUNDS", "TAKE_CODES_OF_REFUNDS", "COMPARE_KNOWN", "SUM_ADDED", "FIND_OTHER_CODE", "INSERT_ADDED",
    ),
)  # fmt: skip

ORDER: Final = TemporaryTable(
    "prm_order",
    about="The last version of each order in this run, beside the one held (`held_…`, NULL without one)."
    " outcome: created, corrected or unchanged. `is_refund`: nothing but refunds is new; the order's own lines"
    " stay as they are.",
    columns=_BLOCK_COLUMNS
    | {
        "held_id": "uuid",
        "held_partner": "uuid",
        "held_code": 'text COLLATE "C"',
        "held_month": "date",
        "held_currency": "text",
        "held_amount": "numeric",
        "held_counted": "numeric",
        "held_units": "numeric",
        "held_refunded": "numeric",
        "held_refunded_units": "numeric",
        "held_state": "text",
        "held_sent_state": "text",
        "held_placed": "timestamptz",
        "held_hash": "text",
        "outcome": "text NOT NULL",
        "held_credits": "text",
        "credits": "text NOT NULL DEFAULT ''",
    },
    written_by=("COMPARE", "COMPARE_REFUNDS", "SUPERSEDE_BY_REFUNDS", "TAKE_CODES_OF_REFUNDS", "SPLIT_CREDITS", "WAIT_FOR_PARTS", "COMPARE_KNOWN",
    ),
    read_by=(
        "COMPARE_REFUNDS", "ANY_LEFT_OUT_CHANGES", "COUNT_OUTCOMES", "FIND_CODES", "SUM_UP", "FIND_TOO_LARGE",
        "FIND_OTHER_MONEY", "ATTRIBUTE", "OUTCOMES", "SHARES", "COUNT_UNCHANGED", "FATES",
        "SETTLE_REJECTS", "KEEP_REJECTS", "FIND_GIVEN", "FIND_CODES_OF_PARTS", "WAIT_FOR_PARTS",
        "COMPARE_KNOWN", "SUM_ADDED", "FIND_OTHER_CODE",
    ),
)  # fmt: skip

CODE: Final = TemporaryTable(
    "prm_code",
    about="Referral codes (normal form) of the orders that change, the name sent with each, and whose it is."
    " is_shared: two partners have it.",
    columns={
        "normal": 'text COLLATE "C" NOT NULL',
        "partner_name": "text NOT NULL",
        "first_block": "int NOT NULL",
        "partner_id": "uuid",
        "is_shared": "boolean NOT NULL DEFAULT false",
    },
    written_by=(
        "FIND_CODES",
        "partners.directory.sql.match_codes",
        "FIND_CODES_OF_PARTS",
        "orders.runs.undo",
    ),
    read_by=(
        "UNKNOWN_CODES",
        "ATTRIBUTE",
        "TIE_WAITING",
        "SHARES",
        "partners.directory.sql.match_codes",
        "FIND_CODES_OF_PARTS",
        "WAIT_FOR_PARTS",
        "orders.runs.undo",
    ),
)

SUM: Final = TemporaryTable(
    "prm_sum",
    about="Amount, units and first moment of every block whose order changes. A reversal counts negative as a"
    " whole: where it was written positive, `turn` and `turn_units` are -1, and every line is turned.",
    columns={
        "block": "int NOT NULL",
        "amount": "numeric NOT NULL",
        "units": "numeric NOT NULL",
        "turn": "int NOT NULL",
        "turn_units": "int NOT NULL",
        "placed_at": "timestamptz NOT NULL",
        "largest": "numeric NOT NULL",
    },
    written_by=("SUM_UP",),
    read_by=("FIND_TOO_LARGE", "ATTRIBUTE"),
)

REFUND_SUM: Final = TemporaryTable(
    "prm_refund_sum",
    about="What the new refunds of each order come to, or lines that are added to it: how much of that is `refunded`, and"
    " the state of the whole order where its lines decide it.",
    columns={
        "number": 'text COLLATE "C" NOT NULL',
        "amount": "numeric NOT NULL",
        "units": "numeric NOT NULL",
        "placed_at": "timestamptz NOT NULL",
        "state": "text NOT NULL",
        "largest": "numeric NOT NULL",
        "lines": "int NOT NULL",
        "refunded": "numeric NOT NULL",
        "refunded_units": "numeric NOT NULL",
        "whole_state": "text",
    },
    written_by=("SUM_REFUNDS", "SUM_ADDED"),
    read_by=("FIND_TOO_LARGE", "ATTRIBUTE"),
)

REFUSED: Final = TemporaryTable(
    "prm_refused",
    about="Blocks that cannot be taken, and why; an earlier version of their order counts instead.",
    columns={
        "block": "int NOT NULL",
        "reason": "text NOT NULL",
        "field": "text NOT NULL",
        "message": "text NOT NULL",
    },
    written_by=("FIND_TOO_LARGE", "FIND_OTHER_MONEY", "FIND_OTHER_CODE"),
    read_by=("REFUSE", "DROP_REFUSED", "COUNT_REFUSED"),
)

CHANGE: Final = TemporaryTable(
    "prm_change",
    about="Every order to be written, complete, with its partner and its state. `counted` is its amount in the"
    " tenant's currency, computed as in `orders_order`.",
    columns={
        "block": "int NOT NULL",
        "lines": "int NOT NULL",
        "number": 'text COLLATE "C" NOT NULL',
        "outcome": "text NOT NULL",
        "is_refund": "boolean NOT NULL",
        "partner_name": "text NOT NULL",
        "currency": "text NOT NULL",
        "held_partner": "uuid",
        "held_month": "date",
        "id": "uuid NOT NULL",
        "code": 'text COLLATE "C" NOT NULL',
        "partner_id": "uuid",
        "placed_at": "timestamptz NOT NULL",
        "month": "date NOT NULL",
        "amount": "numeric NOT NULL",
        "units": "numeric NOT NULL",
        "turn": "int NOT NULL",
        "turn_units": "int NOT NULL",
        "refunded": "numeric NOT NULL",
        "refunded_units": "numeric NOT NULL",
        "state": "text NOT NULL",
        "sent_state": "text NOT NULL",
        "is_reversal": "boolean NOT NULL",
        "content_hash": "text NOT NULL",
        "credits": "text NOT NULL",
        "rate": "numeric",
        "rate_on": "date",
        "places": "int",
        "waits": "text NOT NULL DEFAULT ''",
        "counted": "numeric GENERATED ALWAYS AS (CASE WHEN waits <> '' THEN NULL WHEN rate IS NULL THEN amount"
        " ELSE round(amount * rate, places) END) STORED",
    },
    written_by=("ATTRIBUTE", "CONVERT"),
    read_by=("COUNT_FOREIGN", "CONVERT", "COUNT_ATTRIBUTION", "WRITE_PRODUCTS", "INSERT_ORDERS", "HOLD_BEFORE", "UPDATE_ORDERS", "DELETE_LINES", "INSERT_LINES", "APPEND_LINES", "INSERT_REFUNDS", "FIND_TOUCHED", "FIND_GIVEN", "SHARES", "FATES", "INSERT_ADDED"),
)  # fmt: skip

PRODUCT_ID: Final = TemporaryTable(
    "prm_product_id",
    about="The product of each number of `prm_product`.",
    columns={"product": "int NOT NULL", "id": "uuid NOT NULL"},
    written_by=("FIND_PRODUCTS",),
    read_by=("INSERT_LINES", "APPEND_LINES", "INSERT_REFUNDS", "INSERT_ADDED"),
)

# --- partner-months, after an import as after an answer from the queue ----------------------------

TOUCHED: Final = TemporaryTable(
    "prm_touched",
    about="Partner-months that may have changed: of the partners the orders had, and of those they have.",
    columns={"partner_id": "uuid NOT NULL", "month": "date NOT NULL"},
    written_by=(
        "FIND_TOUCHED",
        "TIE_WAITING",
        "TOUCH_ALL",
        "UNSHARE_GIVEN",
        "TOUCH_SHARED",
        "orders.attribution.service",
        "orders.basis.sql",
        "orders.rates.sql",
        "orders.shares.service",
        "GIVE_TO_FIRST",
        "WAIT_FOR_UNKNOWN",
        "SHARE_BY_FILE",
        "orders.runs.undo",
        "TOUCH_GIVEN_PARTS",
    ),
    read_by=(
        "TIE_WAITING",
        "UNSHARE_GIVEN",
        "FIND_SHARED",
        "TOUCH_SHARED",
        "SUM_SHARED_MONTHS",
        "SUM_MONTHS",
        "TOUCH_ALL",
        "partners.standing.service.replace_months",
        "GIVE_TO_FIRST",
        "SHARE_BY_FILE",
        "WAIT_FOR_UNKNOWN",
        "TOUCH_GIVEN_PARTS",
    ),
)

GIVEN: Final = TemporaryTable(
    "prm_given",
    about="Orders that came to a partner or went from one: rules say anew how they are shared.",
    columns={"order_id": "uuid NOT NULL"},
    written_by=(
        "TIE_WAITING",
        "FIND_GIVEN",
        "FIND_GIVEN_BACK",
        "orders.attribution.service",
        "orders.shares.sql",
        "orders.runs.undo",
    ),
    read_by=("UNSHARE_GIVEN", "GIVEN_TO", "SHARE_GIVEN", "TAKE_PARTS", "TOUCH_GIVEN_PARTS"),
)

CREDIT: Final = TemporaryTable(
    "prm_credit",
    about="The parts that files say of given orders' credit: whose code, in which place, and whose that is.",
    columns={
        "order_id": "uuid NOT NULL",
        "place": "int NOT NULL",
        "normal": 'text COLLATE "C" NOT NULL',
        "percent": "numeric NOT NULL",
        "scheme": "text NOT NULL",
        "partner_id": "uuid",
    },
    written_by=("TAKE_PARTS", "NAME_PARTS"),
    read_by=("SCHEMES_OF_PARTS", "LIST_PART_CODES", "WAIT_FOR_UNKNOWN", "GIVE_TO_FIRST", "SHARE_BY_FILE"),
)

PART_CODE: Final = TemporaryTable(
    "prm_part_code",
    about="The codes of one scheme among those parts.",
    columns={
        "normal": 'text COLLATE "C" NOT NULL',
        "partner_id": "uuid",
        "is_shared": "boolean NOT NULL DEFAULT false",
    },
    written_by=("LIST_PART_CODES", "partners.directory.sql.match_codes"),
    read_by=("NAME_PARTS", "partners.directory.sql.match_codes"),
)

RULED: Final = TemporaryTable(
    "prm_ruled",
    about="The rule that fits each partner, and who gets which part of its orders.",
    columns={
        "partner_id": "uuid NOT NULL",
        "rule_id": "uuid NOT NULL",
        "to_id": "uuid NOT NULL",
        "percent": "numeric NOT NULL",
        "since": "date",
    },
    written_by=("merging/sharing.py",),
    read_by=("SHARE_GIVEN",),
)

SHARED: Final = TemporaryTable(
    "prm_shared",
    about="Shared orders that a touched partner-month is about.",
    columns={"order_id": "uuid NOT NULL"},
    written_by=("FIND_SHARED",),
    read_by=("TOUCH_SHARED", "MOVE_SHARES", "SUM_PARTS"),
)

PART: Final = TemporaryTable(
    "prm_part",
    about="What each part of a shared order counts as: they sum up to the order, to the last digit.",
    columns={
        "order_id": "uuid NOT NULL",
        "partner_id": "uuid NOT NULL",
        "counted": "numeric",
        "units": "numeric NOT NULL",
    },
    written_by=("SUM_PARTS",),
    read_by=("SUM_SHARED_MONTHS",),
)

MONTH: Final = TemporaryTable(
    "prm_month",
    about="What the orders of each touched partner-month add up to.",
    columns={
        "partner_id": "uuid NOT NULL",
        "month": "date NOT NULL",
        "orders": "int NOT NULL",
        "units": "numeric NOT NULL",
        "revenue": "numeric NOT NULL",
        "first_on": "date",
        "last_on": "date",
    },
    written_by=("SUM_MONTHS", "SUM_SHARED_MONTHS"),
    read_by=("LARGEST_MONTH", "FIND_FULL", "partners.standing.service.replace_months"),
)

FULL: Final = TemporaryTable(
    "prm_full",
    about="Partners whose orders may come to more than a sum can hold, and those of whom some wait for that.",
    columns={"partner_id": "uuid NOT NULL"},
    written_by=("FIND_FULL",),
    read_by=("SET_ASIDE", "TOUCH_ALL"),
)

ALL: Final = (
    *STAGED, REFUND, ORDER, CODE, SUM, REFUND_SUM, REFUSED, CHANGE, PRODUCT_ID, TOUCHED, GIVEN,
    CREDIT, PART_CODE, RULED, SHARED, PART, MONTH, FULL,
)  # fmt: skip
