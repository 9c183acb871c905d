"""Who a partner is, and by which referral codes order systems name it.

Others call `service` (every write), the querysets of `models`, `queries` (who may be meant by a name or a code),
`codes.normalise` and `sql.match_codes`, and hear `signals.code_added`. `choosing` offers
partners to fields in which one types. `timeline` draws what apps say about a partner, by day.
`schemes` says whose codes they are: 1001 of one system is not 1001 of another. `names` says how well two names fit,
`likeness` whether two partners may be one.
"""
