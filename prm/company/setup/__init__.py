"""The steps by which a new company gets going, each with its state found in facts, why, and one button.

Apps contribute steps by `setup_steps.py` (`registry.SetupStep`); this room knows none of them. Others ask `queries`.
"""
