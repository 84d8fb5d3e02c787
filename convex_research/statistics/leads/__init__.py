"""Whether one leg's past says something of the other's future.

``cause`` and ``effect`` are the returns of the two legs, ``lags`` is k, the number of lags of each
in the equation of the effect; those of the cause are tested in it.
"""
