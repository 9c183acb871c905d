"""What of the market can be chosen by typing."""

from activities.market.competition.pickers import COMPETITORS, DIFFERENTIATORS

PICKERS = [COMPETITORS, DIFFERENTIATORS]
