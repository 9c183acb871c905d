"""How a tenant signs in to its organisation: by the app's secret, by a key of its own, or by what a person allowed.

`renewing.py` keeps one refresher per connection (`begin`, `finish`, `give_up`); `keys.py` makes and replaces the key.
`prm.salesforce.runs.tokens` is who renews, `prm.salesforce.setup.signin` how people connect.
"""
