"""Orders of made-up partners with known truth: steady ones, and some that halve, stop or double."""

import numpy as np

from partners.alarms.rules import FALL, Panel, Spread, Watch

MONTHS, YEAR = 36, 24
"""Three years; the last is judged, and a change comes with its first month."""


def orders(rng, rate, count, *, change=1.0, alike=20.0):
    """Counts a month: season ±20 %, autocorrelation 0.6, drift, and months that vary by a gamma of shape `alike`."""
    swing = np.zeros((count, MONTHS))
    swing[:, 0] = rng.normal(0, 0.15, count)
    for at in range(1, MONTHS):
        swing[:, at] = 0.6 * swing[:, at - 1] + rng.normal(0, 0.12, count)
    at = np.arange(MONTHS)
    drift = rng.normal(0, 0.01, (count, 1)) * (at - MONTHS / 2)
    mean = rate * np.exp(0.2 * np.sin(2 * np.pi * at / 12) + swing + drift)
    mean[:, YEAR:] *= change
    return rng.poisson(mean * rng.gamma(alike, 1 / alike, (count, MONTHS)))


def panel(counts):
    return Panel(counts, np.full(len(counts), -1), np.arange(counts.shape[1]) % 12)


def alarms(counts, months=12, times=FALL):
    """Whether each partner raised an alarm in the first months of the last year."""
    house, one, spread = panel(counts), Watch(len(counts), times), Spread()
    raised = np.zeros(len(counts), dtype=bool)
    for at in range(17, YEAR + months):
        usual = house.usual(at)
        if at >= YEAR:
            one.see(at, usual, counts[:, at], spread.one_over_r)
            raised |= one.raised == at
        spread.add(usual, counts[:, at])
    return raised


def mixed(rng, steady, changed):
    """Partners of every rate: many steady, some that halve or stop; returns counts, rates and what became of them."""
    counts, rates, fates = [], [], []
    for rate in (0.5, 2, 10, 50):
        for fate, many in ((1.0, steady), (0.5, changed), (0.0, changed)):
            counts.append(orders(rng, rate, many, change=fate))
            rates += [rate] * many
            fates += [fate] * many
    return np.vstack(counts), np.array(rates), np.array(fates)
