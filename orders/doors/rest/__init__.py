"""The door for programs: orders as JSON, one or a batch, answered one by one.

`door` declares it, `schema` says what may be sent, `service.take_orders` takes it, `api` is the resource of
orders by API.
"""
