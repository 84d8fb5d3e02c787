"""Dates that no calendar of Python's has are refused by name, whatever made them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from convex_research.core.errors import DataError
from convex_research.data.files.table import clean_series


@pytest.mark.parametrize("first", ["-0712-01-01", "9990-01-01"])
def test_years_outside_the_calendar(first):
    dates = pd.DatetimeIndex(np.datetime64(first, "s") + np.arange(12) * np.timedelta64(400, "D"))
    with pytest.raises(DataError, match=r"prices\.csv: it has dates outside the years 1 to 9999"):
        clean_series(dates, np.arange(12.0), where="prices.csv")
