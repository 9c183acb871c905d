"""Rates of exchange: what one unit of another currency is worth in the tenant's, from which day on.

An order keeps its own currency and amount; months and standings hold the tenant's currency. The rate of an
order is the last one on or before its day in the tenant's calendar. Without one it waits: it counts as
nothing, never as one to one, and stands in the queue of this room. The converted amount is rounded half
away from zero to the smallest unit of the tenant's currency (ISO 4217: cents of a dollar, whole yen,
thousandths of a dinar), order by order, so that months are exactly the sums of their orders.

Others may call `service` (rates set, imported, taken back; orders converted anew) and `queries` (what
waits). `reading.py` reads a table of rates; imports convert by
`CONVERT` of `orders.ingest.sql`.
`settings_tabs.py` makes them a tab of the settings.
"""
