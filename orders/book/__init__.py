"""The order book: orders and their lines as they stand, listed, shown and read by API.

Others may use `models` (`Order.objects` with its QuerySet methods) and `queries` (reads that join orders with
partner-months or lines). `shares.py` says what the parts of a shared order come to, `review_evidence.py` puts the largest one beside a proposal of a tier, `words.py` says what an order in another currency counts as. `service` writes own fields and nothing else: orders come in through `orders.ingest`, partners of orders
change in `orders.attribution`.
`own_fields.py` says that orders have some of the tenant's own fields, `bringing.py` takes them from a file.
`kept_data.py` says how long orders are kept.
"""
