"""Every estimator is there by name, documented, and loaded on first use."""

import importlib
import inspect
import subprocess
import sys

import pytest

from convex_research import statistics


@pytest.mark.parametrize("name", statistics.__all__)
def test_every_estimator_is_there_and_documented(name):
    estimator = getattr(statistics, name)
    assert inspect.isfunction(estimator)
    assert estimator.__name__ == name
    assert name in importlib.import_module(estimator.__module__).__all__
    text = inspect.getdoc(estimator)
    assert len(text.splitlines()) > 2 or "; see :func:" in text


def test_names_complete_and_are_listed_once():
    assert len(statistics.__all__) == len(set(statistics.__all__)) > 100
    names = [name for names in statistics._ESTIMATORS.values() for name in names]
    assert sorted(names) == statistics.__all__
    assert set(statistics.__all__) <= set(dir(statistics))
    assert {"pearson", "spearman", "kendall", "beta"} <= set(statistics.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        statistics.nonsense  # noqa: B018


def test_the_table_itself_loads_nothing():
    code = "import sys, convex_research.statistics; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
