"""Write data.csv: 1,000 returns of a pair whose correlation follows a DCC(1,1).

Run: python tests/oracles/dcc/make_data.py
"""

from pathlib import Path

from convex_research.methodology.simulations.moving_worlds import dcc_world

a, b, _ = dcc_world(1000, 1, a=0.05, b=0.92, rho=0.6, df=8.0, seed=2002)
lines = [
    "a,b",
    *(f"{0.01 * x:.10f},{0.01 * y:.10f}" for x, y in zip(a[:, 0], b[:, 0], strict=True)),
]
(Path(__file__).parent / "data.csv").write_text("\n".join(lines) + "\n", encoding="ascii")
