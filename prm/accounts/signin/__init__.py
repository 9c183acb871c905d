"""How people come in: the account pages that are offered, whose password it is, and what wrong tries cost.

`addresses` says where a request comes from, `throttle` limits tries (`counting` counts them, and the calls
of the API), `lockout` tells django-axes what to count, `backend` finds the account of an address and a password, `mail` sends what people must get or says that it cannot,
`proof` notes that a person holds an address, `adapter` is allauth's place for all that.
"""
