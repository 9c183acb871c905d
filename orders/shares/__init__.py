"""Shared credit: which parts of an order are whose, by file, by rule or by hand; what the parts come to, to the last cent.

Others may call `service`. The parts themselves are with their orders (`orders.book.models.OrderShare`), the rule of
rounding is `orders.book.shares.parts_of`, and months count parts in `orders.ingest.merging.sharing`.
"""
