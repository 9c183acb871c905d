"""How a tenant counts web visits: hosts that links may lead to, its own name for links, its own networks, consent text, retention.

Called from outside: `queries` (with the usual settings when none were saved), `service`.
"""
