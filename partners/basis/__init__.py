"""What another currency or another year does to partners and their standing, and sample data beside a company's own.

Heard from `prm.company`: its settings' `moves`, and the signals of sample data. Nobody else calls this room.
"""
