"""Time of rolling r and beta beside pandas and statsmodels, on the same data in one run.

Run: pytest tests/benchmarks -m slow --benchmark-columns=median,iqr,rounds
or:  python tests/benchmarks/test_rolling_speed.py   (prints medians and their ratios)

Nothing is asserted about time: machines differ. That all compute the same is.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd
import pytest

from convex_research.statistics.dynamics.rolling import rolling_beta, rolling_pearson

WINDOW = 90


def returns(nobs):
    rng = np.random.default_rng(11)
    common, noise = rng.standard_t(5, (2, nobs)) * 0.01
    return common, 0.8 * common + 0.6 * noise


def pandas_pearson(a, b, window):
    return pd.Series(a).rolling(window).corr(pd.Series(b)).to_numpy()


def pandas_beta(a, b, window):
    x, y = pd.Series(a), pd.Series(b)
    return (x.rolling(window).cov(y) / y.rolling(window).var()).to_numpy()


def statsmodels_beta(a, b, window):
    from statsmodels.regression.rolling import RollingOLS

    regressors = np.column_stack([np.ones_like(b), b])
    return RollingOLS(a, regressors, window).fit(params_only=True).params[:, 1]


CASES = {
    "r": {"here": rolling_pearson, "pandas": pandas_pearson},
    "beta": {"here": rolling_beta, "pandas": pandas_beta, "statsmodels": statsmodels_beta},
}


@pytest.mark.slow
@pytest.mark.parametrize("nobs", [1260, 5000])
@pytest.mark.parametrize(("case", "program"), [(c, p) for c in CASES for p in CASES[c]])
def test_speed(benchmark, case, program, nobs):
    a, b = returns(nobs)
    benchmark.group = f"rolling {case}, {nobs} observations, window {WINDOW}"
    benchmark.name = program
    found = benchmark(CASES[case][program], a, b, WINDOW)
    np.testing.assert_allclose(found, CASES[case]["here"](a, b, WINDOW), rtol=0, atol=1e-8)


def median_ms(function, *args, rounds=25):
    function(*args)
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        function(*args)
        times.append(time.perf_counter() - begun)
    return 1e3 * float(np.median(times))


def main() -> None:
    for nobs in (1260, 5000):
        a, b = returns(nobs)
        for case, programs in CASES.items():
            medians = {name: median_ms(f, a, b, WINDOW) for name, f in programs.items()}
            for name, median in medians.items():
                ratio = median / medians["here"]
                sys.stdout.write(
                    f"{nobs} observations, rolling {case}, {name}: {median:.2f} ms, "
                    f"{ratio:.2f} times this package\n"
                )


if __name__ == "__main__":
    main()
