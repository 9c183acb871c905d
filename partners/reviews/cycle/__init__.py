"""A review of a quarter: opened, decided one by one, signed by one or two people, in force from a day.

While a cycle is open decisions are kept and change nothing; signing puts all of them in force on its day. Without an open
cycle a decision is in force at once. Others call `service` and `queries`.
"""
