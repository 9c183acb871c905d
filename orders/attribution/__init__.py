"""Whose orders are they: the queue of unattributed orders, suggestions, and the answers people give.

Others may call `service` (what waits, and every answer with its undoing) and `queries`. `suggestions` ranks who may
be meant, as pure functions over the partners that `partners.directory.queries` finds with similar names. `words` says
an answer in words. `moving` moves orders with their months, many of them in the background. `merged` moves the orders
of a partner that is merged into another, and brings them back.
"""
