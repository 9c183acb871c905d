"""From staged blocks to orders, lines and partner-months, in set-based SQL within one transaction.

The steps and what they read and write are the methods of :class:`Merge`, in order. Only orders that
are new or whose content hash differs are looked at beyond the first step, so that sending the same
again costs little and writes nothing.

One merge at a time per tenant: an advisory lock, held to the end of the transaction, keeps imports
of several sources, single orders by API and answers from the queue from overlooking each other
(codes and partner-months are shared by all of them). Reading and staging happen before it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from orders.ingest.months import recompute_months
from orders.sources.models import OrderSource
from orders.sources.spec import Spec
from partners.directory.service import create_partners_from_codes
from partners.directory.sql import match_codes
from prm.core.ids import id_stem
from prm.core.locks import lock_tenant
from prm.tenancy.context import current_tenant

# Up to so many orders (a batch by API) are looked up one by one; more are joined as a whole.
_FEW_ORDERS = 1_000
# MoneyField holds less than this.
_AMOUNT_LIMIT = 10**14


@dataclass(slots=True)
class Merged:
    """What a merge did. Counts of lines are of those staged; see :mod:`orders.runs.result`."""

    stored: int = 0
    unchanged: int = 0
    superseded: int = 0
    overflown: int = 0
    created: int = 0
    corrected: int = 0
    cancelled: int = 0
    orders_unchanged: int = 0
    orders_superseded: int = 0
    partners_created: int = 0
    unattributed_orders: int = 0
    unattributed_lines: int = 0
    unattributed_codes: int = 0
    rejects_new: int = 0
    touched: set[UUID] = field(default_factory=set)

    @property
    def wrote(self) -> bool:
        """Whether anything but the run itself was written."""
        return bool(self.stored or self.rejects_new)


def lock_orders() -> None:
    """Take the tenant's order lock for the rest of the transaction."""
    lock_tenant("orders", current_tenant().pk)


class Merge:
    """One merge. ``append``: staged lines are added to orders, instead of replacing them."""

    def __init__(
        self,
        source: OrderSource,
        *,
        run_id: UUID | None = None,
        append: bool = False,
        on_step: Callable[[str], None] = lambda _step: None,
    ) -> None:
        self.on_step = on_step
        self.spec: Spec = source.rules
        self.append = append
        self.done = Merged()
        tenant = current_tenant()
        self.values: dict[str, Any] = {
            "tenant": tenant.pk,
            "source": source.pk,
            "run": run_id,
            "zone": tenant.timezone,
            "append": append,
            "limit": _AMOUNT_LIMIT,
        }

    def run(self) -> Merged:
        """Do all steps."""
        self.on_step("compare")
        lock_orders()
        self._plan_for_volume()
        self.compare()
        if self.done.created or self.done.corrected:
            self.on_step("tie")
            self.match_codes()
            if self.spec.create_partners:
                self.create_partners()
            self.sum_up()
            self.refuse_overflow()
            self.attribute()
            self.on_step("write")
            self.write_products()
            self.write_orders()
            self.write_lines()
            self.on_step("months")
            self.roll_up()
        self.keep_rejects()
        return self.done

    def _plan_for_volume(self) -> None:
        """Plans that stay linear when the planner knows nothing of the tables yet.

        Before the first ANALYZE it takes any index that begins with tenant_id for as good as the one
        that also has the number, and a nested loop over it reads the whole tenant once per order.
        """
        self._sql("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        if self._row("SELECT count(*) FROM pg_temp.prm_block")[0] > _FEW_ORDERS:
            self._sql("SET LOCAL enable_nestloop = off")

    def _sql(self, sql: str, **values: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, (self.values | values) if "%(" in sql else None)
            count: int = cursor.rowcount
        return count

    def _row(self, sql: str) -> tuple[Any, ...]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.values if "%(" in sql else None)
            row = cursor.fetchone()
        assert row is not None
        return tuple(row)

    def compare(self) -> None:
        """prm_order: the last version of each order in this run, beside the one held."""
        self._sql(
            """
            DROP TABLE IF EXISTS pg_temp.prm_order;
            CREATE TEMP TABLE prm_order ON COMMIT DROP AS
            WITH latest AS (
                SELECT DISTINCT ON (number) * FROM pg_temp.prm_block ORDER BY number, file_no DESC
            )
            SELECT b.*, o.id AS held_id, o.partner_id AS held_partner, o.code AS held_code,
                   o.month AS held_month, o.amount AS held_amount, o.units AS held_units,
                   o.state AS held_state, o.placed_at AS held_placed, o.content_hash AS held_hash,
                   CASE WHEN o.id IS NULL THEN 'created'
                        WHEN o.content_hash = b.content_hash AND NOT %(append)s THEN 'unchanged'
                        ELSE 'corrected' END AS outcome
            FROM latest b
            LEFT JOIN orders_order o
                ON o.tenant_id = %(tenant)s AND o.source_id = %(source)s AND o.number = b.number
            """
        )
        self._sql("ANALYZE pg_temp.prm_order")
        self._count_outcomes()

    def _count_outcomes(self) -> None:
        done = self.done
        (
            done.created, done.corrected, done.orders_unchanged, done.stored, done.unchanged,
            done.superseded, done.orders_superseded,
        ) = self._row(
            """
            SELECT count(*) FILTER (WHERE outcome = 'created'),
                   count(*) FILTER (WHERE outcome = 'corrected'),
                   count(*) FILTER (WHERE outcome = 'unchanged'),
                   coalesce(sum(lines) FILTER (WHERE outcome <> 'unchanged'), 0),
                   coalesce(sum(lines) FILTER (WHERE outcome = 'unchanged'), 0),
                   (SELECT coalesce(sum(lines), 0) FROM pg_temp.prm_block) - coalesce(sum(lines), 0),
                   (SELECT count(*) FROM pg_temp.prm_block) - count(*)
            FROM pg_temp.prm_order
            """
        )  # fmt: skip

    def match_codes(self) -> None:
        """prm_code: the referral codes of orders that change, and whose they are."""
        self._sql(
            """
            DROP TABLE IF EXISTS pg_temp.prm_code;
            CREATE TEMP TABLE prm_code (
                normal text COLLATE "C" NOT NULL, partner_name text NOT NULL, first_block int NOT NULL, partner_id uuid
            ) ON COMMIT DROP;
            INSERT INTO pg_temp.prm_code (normal, partner_name, first_block)
            SELECT code, max(partner_name), min(block) FROM pg_temp.prm_order
            WHERE outcome <> 'unchanged' AND code <> '' GROUP BY code
            """
        )
        self._sql("ANALYZE pg_temp.prm_code")
        match_codes("prm_code")

    def create_partners(self) -> None:
        """A partner for every code that is nobody's, named as the file names it, else by the code."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT c.normal, c.partner_name FROM pg_temp.prm_code c
                WHERE c.partner_id IS NULL
                  AND NOT EXISTS (SELECT 1 FROM orders_ignoredcode i
                                  WHERE i.tenant_id = %(tenant)s AND i.normal = c.normal)
                ORDER BY c.first_block
                """,
                self.values,
            )
            unknown = dict(cursor.fetchall())
        create_partners_from_codes(unknown, kind=self.spec.partner_kind, scheme=self.spec.code_scheme)
        if unknown:
            match_codes("prm_code")
        self.done.partners_created = len(unknown)

    def sum_up(self) -> None:
        """prm_sum: amount, units and first moment of every block whose order changes."""
        self._sql(
            """
            DROP TABLE IF EXISTS pg_temp.prm_sum;
            CREATE TEMP TABLE prm_sum ON COMMIT DROP AS
            SELECT l.block,
                   sum(CASE WHEN b.is_reversal THEN -abs(l.amount) ELSE l.amount END) AS amount,
                   sum(CASE WHEN b.is_reversal THEN -abs(l.quantity) ELSE l.quantity END) AS units,
                   min(l.placed_at) AS placed_at, max(l.amount) < 0 AS all_negative,
                   max(abs(l.amount)) AS largest
            FROM pg_temp.prm_line l JOIN pg_temp.prm_block b USING (block)
            JOIN pg_temp.prm_order o ON o.number = b.number AND o.outcome <> 'unchanged'
            GROUP BY l.block
            """
        )
        self._sql("ANALYZE pg_temp.prm_sum")

    def refuse_overflow(self) -> None:
        """Reject orders whose amounts no money field can hold."""
        too_large = """
            SELECT o.block FROM pg_temp.prm_order o JOIN pg_temp.prm_sum s USING (block)
            WHERE s.largest >= %(limit)s OR abs(s.amount) >= %(limit)s OR abs(s.units) >= %(limit)s
        """
        self.done.overflown = self._sql(
            f"""
            INSERT INTO pg_temp.prm_reject
            SELECT b.file_no, l.line_no, 'number_too_large', 'amount', '',
                   'The amount of order ' || b.number || ' is too large.',
                   jsonb_strip_nulls(jsonb_build_object('number', b.number, 'code', b.code,
                        'date', l.placed_at::text, 'product_code', p.code, 'product_name', p.name,
                        'quantity', l.quantity::text, 'unit_price', l.unit_price::text,
                        'amount', l.given::text)),
                   md5(b.content_hash || ' ' || l.ordinal)
            FROM pg_temp.prm_line l JOIN pg_temp.prm_block b USING (block)
            LEFT JOIN pg_temp.prm_product p USING (product)
            WHERE l.block IN ({too_large})
            """
        )
        if self.done.overflown:
            self._sql(f"DELETE FROM pg_temp.prm_order WHERE block IN ({too_large})")
            superseded = self.done.superseded
            self._count_outcomes()
            self.done.superseded = superseded

    def attribute(self) -> None:
        """prm_change: every order to be written, complete, with its partner and its state.

        An order that is held and comes again with nothing but negative amounts is thereby cancelled;
        so is one whose earlier version came in this run. A partner tied by hand stays while the
        code stays the same and belongs to nobody else.
        """
        values = {"ids": id_stem()}
        self._sql(
            """
            DROP TABLE IF EXISTS pg_temp.prm_change;
            CREATE TEMP TABLE prm_change ON COMMIT DROP AS
            SELECT o.block, o.lines_before, o.lines, o.number, o.outcome, o.partner_name, o.currency,
                   o.held_partner, o.held_month, o.held_id,
                   coalesce(o.held_id, (%(ids)s || to_hex(4294967296 + o.block))::uuid) AS id,
                   CASE WHEN %(append)s AND o.held_id IS NOT NULL THEN coalesce(nullif(o.held_code, ''), o.code)
                        ELSE o.code END AS code,
                   coalesce(r.partner_id, CASE WHEN o.held_code = o.code OR %(append)s
                                               THEN o.held_partner END) AS partner_id,
                   p.placed_at,
                   date_trunc('month', p.placed_at AT TIME ZONE %(zone)s)::date AS month,
                   CASE WHEN %(append)s THEN coalesce(o.held_amount, 0) + s.amount ELSE s.amount END AS amount,
                   CASE WHEN %(append)s THEN coalesce(o.held_units, 0) + s.units ELSE s.units END AS units,
                   CASE WHEN %(append)s AND o.held_id IS NOT NULL THEN o.held_state
                        WHEN s.all_negative AND NOT o.is_reversal
                             AND (o.held_amount > 0 OR o.held_state = 'cancelled' OR EXISTS (
                                  SELECT 1 FROM pg_temp.prm_block e JOIN pg_temp.prm_sum t USING (block)
                                  WHERE e.number = o.number AND e.file_no < o.file_no AND t.amount > 0))
                        THEN 'cancelled' ELSE o.state END AS state,
                   o.is_reversal,
                   CASE WHEN %(append)s THEN coalesce(o.held_hash, o.content_hash)
                        ELSE o.content_hash END AS content_hash
            FROM pg_temp.prm_order o JOIN pg_temp.prm_sum s USING (block)
            CROSS JOIN LATERAL (
                SELECT CASE WHEN %(append)s THEN least(o.held_placed, s.placed_at) ELSE s.placed_at END
            ) p (placed_at)
            LEFT JOIN pg_temp.prm_code r ON r.normal = o.code
            WHERE o.outcome <> 'unchanged'
            ORDER BY o.block
            """,
            **values,
        )
        self._sql("ANALYZE pg_temp.prm_change")
        self._count_attribution()

    def _count_attribution(self) -> None:
        done = self.done
        (
            done.cancelled, done.unattributed_orders, done.unattributed_lines, done.unattributed_codes,
        ) = self._row(
            """
            SELECT count(*) FILTER (WHERE state = 'cancelled' OR is_reversal),
                   count(*) FILTER (WHERE partner_id IS NULL),
                   coalesce(sum(lines) FILTER (WHERE partner_id IS NULL), 0),
                   count(DISTINCT code) FILTER (WHERE partner_id IS NULL AND code <> '')
            FROM pg_temp.prm_change
            """
        )  # fmt: skip

    def write_products(self) -> None:
        """Products that the lines name; prm_product_id gives their ids by number in this run."""
        self._sql(
            """
            INSERT INTO orders_product (id, tenant_id, code, name)
            SELECT (%(ids)s || to_hex(4294967296 + p.product))::uuid, %(tenant)s, p.code, p.name
            FROM (
                SELECT DISTINCT ON (p.code) p.* FROM pg_temp.prm_product p
                JOIN (SELECT DISTINCT l.product FROM pg_temp.prm_line l
                      JOIN pg_temp.prm_change c USING (block)) used USING (product)
                ORDER BY p.code, p.name = '', p.product DESC
            ) p
            ON CONFLICT (tenant_id, code) DO UPDATE SET name = EXCLUDED.name
            WHERE EXCLUDED.name <> '' AND orders_product.name <> EXCLUDED.name;
            """,
            ids=id_stem(),
        )
        self._sql(
            """
            DROP TABLE IF EXISTS pg_temp.prm_product_id;
            CREATE TEMP TABLE prm_product_id ON COMMIT DROP AS
            SELECT p.product, q.id FROM pg_temp.prm_product p
            JOIN orders_product q ON q.tenant_id = %(tenant)s AND q.code = p.code
            """
        )
        self._sql("ANALYZE pg_temp.prm_product_id")

    def write_orders(self) -> None:
        """Insert new orders, update corrected ones."""
        if self.done.created:
            self._sql(
                """
                INSERT INTO orders_order (id, tenant_id, source_id, number, partner_id, code, partner_name,
                    placed_at, month, currency, amount, units, state, is_reversal, content_hash, run_id)
                SELECT id, %(tenant)s, %(source)s, number, partner_id, code, partner_name, placed_at, month,
                    currency, amount, units, state, is_reversal OR amount < 0, content_hash, %(run)s
                FROM pg_temp.prm_change WHERE outcome = 'created' ORDER BY block
                """
            )
        if self.done.corrected:
            self._sql(
                """
                UPDATE orders_order o SET partner_id = c.partner_id, code = c.code,
                    partner_name = coalesce(nullif(c.partner_name, ''), o.partner_name),
                    placed_at = c.placed_at, month = c.month, currency = c.currency, amount = c.amount,
                    units = c.units, state = c.state, is_reversal = c.is_reversal OR c.amount < 0,
                    content_hash = c.content_hash, run_id = %(run)s, revision = o.revision + 1,
                    updated_at = now()
                FROM pg_temp.prm_change c
                WHERE o.tenant_id = %(tenant)s AND o.id = c.id AND c.outcome = 'corrected'
                """
            )

    def write_lines(self) -> None:
        """Replace the lines of corrected orders, add those of new ones; with ``append`` only add."""
        if self.done.corrected and not self.append:
            self._sql(
                """
                DELETE FROM orders_orderline l USING pg_temp.prm_change c
                WHERE l.tenant_id = %(tenant)s AND l.order_id = c.id AND c.outcome = 'corrected'
                """
            )
        offset = (
            "coalesce((SELECT max(h.ordinal) FROM orders_orderline h"
            " WHERE h.tenant_id = %(tenant)s AND h.order_id = c.id), 0)"
            if self.append
            else "0"
        )
        self._sql(
            f"""
            INSERT INTO orders_orderline
                (tenant_id, order_id, ordinal, product_id, quantity, unit_price, amount, placed_at)
            SELECT %(tenant)s, c.id, {offset} + l.ordinal, p.id,
                   CASE WHEN c.is_reversal THEN -abs(l.quantity) ELSE l.quantity END,
                   l.unit_price,
                   CASE WHEN c.is_reversal THEN -abs(l.amount) ELSE l.amount END,
                   l.placed_at
            FROM pg_temp.prm_line l
            JOIN pg_temp.prm_change c USING (block)
            LEFT JOIN pg_temp.prm_product_id p USING (product)
            """
        )

    def roll_up(self) -> None:
        """Make the partner-months of all orders that changed true again."""
        self._sql(
            """
            DROP TABLE IF EXISTS pg_temp.prm_touched;
            CREATE TEMP TABLE prm_touched ON COMMIT DROP AS
            SELECT partner_id, month FROM pg_temp.prm_change WHERE partner_id IS NOT NULL
            UNION
            SELECT held_partner, held_month FROM pg_temp.prm_change WHERE held_partner IS NOT NULL
            """
        )
        self.done.touched = recompute_months()

    def keep_rejects(self) -> None:
        """Keep rejected lines; content that is kept already is not kept twice."""
        self.done.rejects_new = self._sql(
            """
            INSERT INTO orders_rejectedline (id, tenant_id, source_id, run_id, file_no, line_no, reason,
                field, "column", message, raw, fingerprint)
            SELECT (%(ids)s || to_hex(4294967296 + row_number() OVER (ORDER BY file_no, line_no)))::uuid,
                   %(tenant)s, %(source)s, %(run)s, file_no, line_no, reason, field, column_name, message,
                   raw, fingerprint
            FROM pg_temp.prm_reject
            ON CONFLICT (tenant_id, source_id, fingerprint) DO NOTHING
            """,
            ids=id_stem(),
        )


def outcomes() -> Mapping[str, str]:
    """What became of each staged order, by number: created, corrected or unchanged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, outcome FROM pg_temp.prm_order")
        return dict(cursor.fetchall())
