"""Bringing lists from files: partners, contacts, visits and whatever else an app declares in its `bringing.py`.

Rooms: `reading` (a file of any form becomes rows of values), `runs` (a file looked at, decided about, written, taken
back). `kinds` is the registry of what can be brought (the language of its entries is `prm.bringing`). Nobody imports this
room: it stands above all others, knows their kinds by the registry alone, and writes through the functions they declare.
It is an app of Django's by itself (label `bringing`), with `apps`, `navigation` and `demo` of its own.
"""
