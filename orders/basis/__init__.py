"""On what orders are added up: the tenant's calendar and its money, and what follows when either changes.

Heard from `prm.company.settings.moves`: `service.effects` says what a change would do, `service.follow` does it. `sample` keeps sample
data away from orders that are real.
"""
