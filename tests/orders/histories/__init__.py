"""Random histories of everything that makes and changes orders, beside an independent model of the rules."""
