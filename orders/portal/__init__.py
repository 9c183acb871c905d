"""What a partner sees of their own referrals: counts and states over time, never money.

Nobody calls it; its pages are reached from the partner's home.
"""
