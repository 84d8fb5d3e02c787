"""Run R and gretl on two data sets and keep their raw output.

The simulated pair is data.csv here; the embedded sample is written to a temporary file from
the copy that ships with arch. Both outputs start with the programs' versions and the hash of
the data, so that a test can tell when they no longer belong together.

Run: python tests/oracles/dependence/run.py   (needs Rscript with sandwich, lmtest, urca and
tseries, and gretlcli)
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def simulated() -> np.ndarray:
    """Returns with a lead of B over A and clustered volatility; cointegrated log prices."""
    rng = np.random.default_rng(1987)
    nobs = 800
    h, shocks = np.ones(2), rng.standard_t(7, (nobs, 2)) * np.sqrt(5 / 7)
    b, noise = np.empty(nobs), np.empty(nobs)
    for t in range(nobs):
        pair = np.sqrt(h) * shocks[t]
        b[t], noise[t] = 0.01 * pair
        h = 0.03 + 0.07 * pair**2 + 0.9 * h
    a = 0.8 * b + 0.2 * np.minimum(b, 0) + 0.1 * np.append(0.0, b[:-1]) + 0.6 * noise
    log_b = 3.0 + np.cumsum(b)
    spread = np.zeros(nobs)
    for t in range(1, nobs):
        spread[t] = 0.93 * spread[t - 1] + noise[t]
    return np.column_stack([a, b, 1.0 + 0.9 * log_b + spread, log_b])


def embedded() -> np.ndarray:
    """S&P 500 and Nasdaq as they ship with arch: simple returns, and log prices."""
    folder = Path(find_spec("arch").origin).parent / "data"
    prices = {}
    for name in ("sp500", "nasdaq"):
        with gzip.open(folder / name / f"{name}.csv.gz", "rt") as lines:
            prices[name] = {r["Date"]: float(r["Adj Close"]) for r in csv.DictReader(lines)}
    dates = [day for day in prices["sp500"] if day in prices["nasdaq"]]  # in order
    level = np.array([[prices[n][d] for n in ("sp500", "nasdaq")] for d in dates])
    returns = level[1:] / level[:-1] - 1.0
    return np.column_stack([returns, np.log(level[1:])])


def text_of(data: np.ndarray) -> str:
    rows = (",".join(f"{x:.17g}" for x in row) for row in data)
    return "\n".join(["a,b,la,lb", *rows]) + "\n"


def main() -> None:
    (HERE / "data.csv").write_text(text_of(simulated()), encoding="ascii")
    for name, data in (("simulated", simulated()), ("sample", embedded())):
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "data.csv"
            target.write_text(text_of(data), encoding="ascii")
            # Beside the data: gretl looks for files in the folder of its script.
            for script in ("dependence.R", "dependence.inp"):
                (Path(folder) / script).write_bytes((HERE / script).read_bytes())
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
            for program in (
                ["Rscript", "dependence.R"],
                ["gretlcli", "-b", "dependence.inp"],
            ):
                done = subprocess.run(
                    program, cwd=folder, capture_output=True, text=True, check=True
                )
                # gretl echoes its script; the answers are the lines with an arrow.
                kept = [
                    line.strip()
                    for line in done.stdout.splitlines()
                    if " -> " in line and "printf" not in line
                ]
                output = HERE / f"{name}.{Path(program[0]).name}.txt"
                output.write_text(
                    "\n".join([f"sha256 -> {digest}", *kept]) + "\n", encoding="ascii"
                )


if __name__ == "__main__":
    main()
