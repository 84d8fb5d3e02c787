"""Write data.csv: 600 returns of a pair whose slope changes twice.

Run: python tests/oracles/stability/make_data.py
"""

from pathlib import Path

import numpy as np

rng = np.random.default_rng(1997)
volatility = 0.01 * np.exp(0.5 * np.sin(np.arange(600) / 40.0))
b = volatility * rng.standard_normal(600)
slope = np.repeat([0.6, 1.3, 0.9], [240, 180, 180])
a = 0.0003 + slope * b + 0.6 * volatility * rng.standard_t(6, 600)
lines = ["a,b", *(f"{x:.12f},{y:.12f}" for x, y in zip(a, b, strict=True))]
(Path(__file__).parent / "data.csv").write_text("\n".join(lines) + "\n", encoding="ascii")
