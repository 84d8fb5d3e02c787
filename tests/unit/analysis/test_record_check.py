"""The types of a record refuse whatever their schema refuses, and the schema ships."""

import copy
import json
import re
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator
from support import instrument_of, study_of

from convex_research import analysis as analysis_package
from convex_research.analysis.record import dump_record, validate_record
from convex_research.analysis.record_types import SCHEMA_NAME, decoder_of, schema_of, write_schemas
from convex_research.core.errors import ConvexResearchError


@pytest.fixture(scope="module")
def record():
    whole = json.loads(json.dumps(study_of("sp500", "vix", start="2018-01-02").to_dict()))
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
    schema = Draft202012Validator(schema_of())
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


def test_the_schemas_that_ship_are_those_of_the_types(tmp_path):
    """If not: ``write_schemas(Path("convex_research/analysis"))``."""
    write_schemas(tmp_path)
    shipped = Path(analysis_package.__file__).parent
    for name in ("record.schema.json", "instrument.schema.json"):
        assert (tmp_path / name).read_text() == (shipped / name).read_text()
        Draft202012Validator.check_schema(json.loads((tmp_path / name).read_text()))


@pytest.mark.parametrize("symbols", [("sp500", "nasdaq"), ("sp500", "vix"), ("wti",)])
def test_no_key_of_a_record_is_unknown_to_its_types(symbols):
    """A key that is added to records is added to the types as well: else no reader sees it."""
    found = (study_of if len(symbols) == 2 else instrument_of)(*symbols).to_dict()
    text = dump_record(found)
    decoded = json.dumps(decoder_of(found["schema"]).decode(text))
    assert json.loads(decoded) == json.loads(text)


def test_a_record_that_is_read_says_where_it_is_wrong(record):
    for path in (("data", "nobs"), ("pair", "a", "kind")):
        place = "$." + ".".join(path)
        body = json.dumps(changed(record, path, "UPPER case"))
        with pytest.raises(msgspec.ValidationError, match=f"`{re.escape(place)}`"):
            decoder_of(SCHEMA_NAME).decode(body)
