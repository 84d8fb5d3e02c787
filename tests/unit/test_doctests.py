"""The examples in the documentation give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import convex_research

MODULES = [
    info.name
    for info in pkgutil.walk_packages(convex_research.__path__, "convex_research.")
    if not info.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
