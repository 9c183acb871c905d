"""Partners: who sends us business, how they stand with us, and why.

Rooms, each of which imports only those before it:

1. directory   who a partner is, and its referral codes
2. policy      the versions of the rules of level, tier and score
3. share       estimates of what partners order in all
4. standing    level, proposed tier, market share and score, recomputed as things happen
5. reviews     a manager's signed decisions about tiers
6. profiles    the list of partners, one partner's page, both by API
7. portal      what a partner sees of their own

`states.py` spells kind, level and tier for all of them.
"""
