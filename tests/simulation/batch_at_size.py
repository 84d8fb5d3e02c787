"""A batch of simulated prices with known correlations, five pairs of it spoilt.

``python tests/simulation/batch_at_size.py OUTPUT [--columns 25] [--rows 1260] [--jobs 2]``

Prices follow one common factor, so the true correlation of columns i and j is the product of
their loadings. The spoilt pairs: a cell that is no number, a constant price, three weeks of
data, a kernel that hangs, a kernel that is killed as the system does when memory runs out.
It prints what was built, what failed and why, how many intervals held the truth, and what a
second run, with the causes removed, did; it ends with 1 if anything is not as it should be.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from convex_research.batch.plan import read_universe
from convex_research.batch.run import BatchChoices, run_batch
from convex_research.catalogue import Pair
from convex_research.publishing.request import PairRequest

POISON = Path(__file__).parents[1] / "poison"


def simulate(columns, rows, seed=20260101):
    """Dates, prices (rows, columns) and the loadings on the common factor."""
    rng = np.random.default_rng(seed)
    loadings = np.linspace(0.3, 0.95, columns)
    common = rng.standard_normal((rows, 1))
    own = rng.standard_normal((rows, columns))
    returns = 0.01 * (loadings * common + np.sqrt(1 - loadings**2) * own)
    days = np.arange("2010-01-01", "2040-01-01", dtype="datetime64[D]")
    return days[np.is_busday(days)][:rows], 100 * np.cumprod(1 + returns, axis=0), loadings


def write(path, days, names, prices):
    rows = [",".join(["date", *names])]
    rows += [",".join([str(d), *map(repr, p.tolist())]) for d, p in zip(days, prices, strict=True)]
    path.write_text("\n".join(rows) + "\n")


def spoil(folder, days, prices):
    """Files that cannot be used, each with the symbol of its one column."""
    bad = prices[:, :1].astype(object)
    write(folder / "text.csv", days, ["x"], bad)
    lines = (folder / "text.csv").read_text().splitlines()
    lines[50] = f"{days[49]},n/a?"
    (folder / "text.csv").write_text("\n".join(lines) + "\n")
    write(folder / "constant.csv", days, ["x"], np.full((len(days), 1), 10.0))
    write(folder / "short.csv", days[:15], ["x"], prices[:15, 1:2])
    write(folder / "hangs.csv", days, ["x"], prices[:, 2:3] * 1.5)
    write(folder / "killed.csv", days, ["x"], prices[:, 3:4] * 1.5)
    return [
        f"csv:{folder}/{name}.csv#x" for name in ("text", "constant", "short", "hangs", "killed")
    ]


def cure(folder, days, prices):
    for number, name in enumerate(("text", "constant", "short")):
        write(folder / f"{name}.csv", days, ["x"], prices[:, number : number + 1] * 1.1)


def held(output, names, loadings):
    """Pairs whose 95 % interval of the correlation over the whole sample holds the truth."""
    index = json.loads((output / "index.json").read_text())
    hits = count = 0
    for entry in index["pairs"]:
        ids = [entry[leg]["id"] for leg in "ab"]
        if not all(one in names for one in ids) or "correlation" not in entry["pages"]:
            continue
        record = json.loads((output / entry["slug"] / "correlation.json").read_text())
        found = record["estimates"]["correlation.pearson[all]"]
        truth = float(np.prod([loadings[names.index(one)] for one in ids]))
        hits += found["low"] <= truth <= found["high"]
        count += 1
    return hits, count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output", type=Path)
    parser.add_argument("--columns", type=int, default=25)
    parser.add_argument("--rows", type=int, default=1260)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--page-timeout", type=float, default=60.0)
    chosen = parser.parse_args()
    folder = chosen.output.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    days, prices, loadings = simulate(chosen.columns, chosen.rows)
    columns = [f"s{i:02d}" for i in range(chosen.columns)]
    write(folder / "prices.csv", days, columns, prices)
    good = read_universe(",".join(f"csv:{folder}/prices.csv#{name}" for name in columns))
    bad = [PairRequest(pair=Pair(good[0].pair.a, symbol)) for symbol in spoil(folder, days, prices)]
    hangs, killed = (one.pair.slug for one in bad[3:])
    os.environ["PYTHONPATH"] = str(POISON)
    os.environ["CONVEX_TEST_POISON"] = json.dumps({hangs: "hang", killed: "kill"})
    choices = BatchChoices(jobs=chosen.jobs, page_timeout=chosen.page_timeout)
    began = time.monotonic()
    result = run_batch([*good, *bad], folder / "reports", choices=choices)
    took = time.monotonic() - began
    report = json.loads(result.report.read_text())
    print(f"{len(good)} good pairs, {len(bad)} spoilt, {result.pages} pages in {took:.0f} s")
    print(f"{3600 * result.pages / took:.0f} pages an hour with {chosen.jobs} workers")
    print(f"worker memory at most {result.ledger.memory / 1e6:.0f} MB")
    print("seconds:", json.dumps(report["seconds"]["pages_in_all"]))
    for failure in result.failures:
        print(f"failed {failure.page}: {failure.reason}")
    names = [f"prices-{name}" for name in columns]
    hits, count = held(folder / "reports", names, loadings)
    print(f"95 % intervals that hold the true correlation: {hits} of {count}")
    del os.environ["CONVEX_TEST_POISON"]
    cure(folder, days, prices)
    began = time.monotonic()
    again = run_batch([*good, *bad], folder / "reports", choices=choices)
    print(f"again, cured: {again.rebuilt} in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    idle = run_batch([*good, *bad], folder / "reports", choices=choices)
    print(f"again, unchanged: {len(idle.unchanged)} pairs in {time.monotonic() - began:.2f} s")
    expected = {one.pair.slug for one in bad}
    fine = (
        set(result.failed) == expected
        and len(result.rebuilt) == len(good)
        and set(again.rebuilt) == expected
        and not again.failures
        and len(idle.unchanged) == len(good) + len(bad)
        and idle.pages == 0
    )
    print("as it should be" if fine else "NOT as it should be")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
