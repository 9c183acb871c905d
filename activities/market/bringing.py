"""What lists the rooms of the market take from files (`prm.bringing`)."""

from activities.market.budgets import bringing as budgets
from activities.market.competition import bringing as competition

KINDS = [*budgets.KINDS, *competition.KINDS]
