"""Products and services that orders name, by code within the tenant.

Others may use `models`. Rows are written by the import, which takes each code's latest name.
"""
