"""Faults that can be laid in an org's way: what they are, when they strike, what they answer."""
