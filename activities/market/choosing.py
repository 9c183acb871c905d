"""What of the market can be chosen by typing."""

from activities.market.names.pickers import COMPETITORS, DIFFERENTIATORS

PICKERS = [COMPETITORS, DIFFERENTIATORS]
