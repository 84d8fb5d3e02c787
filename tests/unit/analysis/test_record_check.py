"""The quick check of records refuses whatever the schema refuses."""

import copy
import json

import pytest
from jsonschema import Draft202012Validator

from convex_research import Pair, align, analyze, load_prices
from convex_research.analysis.record import load_schema, validate_record
from convex_research.core.errors import ConvexResearchError


@pytest.fixture(scope="module")
def record():
    prices = load_prices(Pair("sample:sp500", "sample:vix"), start="2018-01-02")
    whole = json.loads(json.dumps(analyze(align(prices)).to_dict()))
    for part in ("estimates", "tests", "not_computed", "series"):
        whole[part] = dict(list(whole[part].items())[:2])
    return {**whole, "claims": whole["claims"][:2]}


def places(node, path=()):
    """A few places of every kind: all keys near the top, the first ones further down."""
    yield path
    if len(path) > 5:
        return
    items = list(node.items()) if isinstance(node, dict) else []
    if isinstance(node, list):
        items = list(enumerate(node))
    for key, value in items if len(path) < 2 and len(items) < 40 else items[:2]:
        yield from places(value, (*path, key))


def changed(record, path, value):
    made = copy.deepcopy(record)
    place = made
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return made


def test_it_agrees_with_the_schema_wherever_a_record_is_changed(record):
    validate_record(record)
    schema = Draft202012Validator(load_schema())
    refused = 0
    for path in places(record):
        for value in ("UPPER case", -1, [], {}, None) if path else ():
            made = changed(record, path, value)
            if path == ("schema",):
                continue  # says which schema is meant
            if next(schema.iter_errors(made), None) is None:
                validate_record(made)
                continue
            refused += 1
            with pytest.raises(ConvexResearchError, match="invalid record"):
                validate_record(made)
    assert refused > 100


def test_a_point_of_a_path_is_a_day_and_a_number(record):
    name = next(iter(record["series"]))
    for bad in (["2018-01-02", "x"], [1, 2.0], ["2018-01-02"], ["2018-01-02", 1.0, 2.0]):
        with pytest.raises(ConvexResearchError):
            validate_record(changed(record, ("series", name, 0), bad))
