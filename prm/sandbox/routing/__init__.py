"""Which path means what: calls, routes, and the router that finds them."""
