"""Estimates of what a partner orders in a year, at us and elsewhere.

Others call `service.add_estimate`. What follows from estimates, share and headroom, is computed in
`standing`.
"""
