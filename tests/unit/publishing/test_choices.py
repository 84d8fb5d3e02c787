"""Choices as people write them: in layers, checked where they are read, and kept everywhere."""

from datetime import date

import pytest

from convex_research.batch.plan import read_pairs, read_universe
from convex_research.catalogue import Pair
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import InputError
from convex_research.data.context import chosen_helpers, helper_names, load_helpers
from convex_research.publishing.choices import fields_of, together
from convex_research.publishing.execute import check_parameters
from convex_research.publishing.request import PairRequest, instrument_requests, named

PLAIN = {
    "a": "sample:sp500",
    "b": "sample:nasdaq",
    "start": None,
    "as_of": None,
    "returns": "simple",
}
PAIR = Pair("sample:sp500", "sample:nasdaq")
CONFIG = AnalysisConfig(
    windows=(21, 63, 250), rolling_window=60, confidence_level=0.9, frequency="weekly"
)


def test_only_what_is_no_default_is_a_parameter():
    assert PairRequest(pair=PAIR).parameters == PLAIN
    request = PairRequest(
        pair=PAIR,
        config=CONFIG,
        helpers={"market": "sample:wti", "oil": None},
        accept=("bad_tick",),
    )
    assert request.parameters == PLAIN | {
        "frequency": "weekly",
        "window": 60,
        "level": 0.9,
        "config": {"windows": [21, 63, 250]},
        "accept": ["bad_tick"],
        "market": "sample:wti",
        "helpers": {"oil": None},
    }
    for kind in request.kinds:
        check_parameters(kind, request.parameters)
    assert request.series == ["sample:sp500", "sample:nasdaq", "vix", "sample:wti"]
    both = named([request, PairRequest(pair=PAIR)])
    assert len({one.slug for one in both}) == 2
    of_legs = instrument_requests([request])["sample:sp500"]
    assert (of_legs.config, of_legs.accept) == (CONFIG, ("bad_tick",))
    check_parameters("instrument", of_legs.parameters)
    # An instrument has one page: pairs that ask for it in two ways get the usual one.
    mixed = instrument_requests([request, PairRequest(pair=PAIR)])["sample:sp500"]
    assert mixed.config == AnalysisConfig()


def test_choices_come_in_layers():
    top = {"window": 60, "helpers": {"vix": "sample:vix"}, "accept": ["bad_tick"]}
    pair = {"window": 120, "level": None, "market": "sample:wti", "accept": "unit_change"}
    held = together(top, pair, {"level": 0.9})
    assert held == {
        "window": 120,
        "level": 0.9,
        "helpers": {"vix": "sample:vix", "market": "sample:wti"},
        "accept": ["bad_tick", "unit_change"],
    }
    fields = fields_of(held)
    assert fields["config"] == AnalysisConfig(rolling_window=120, confidence_level=0.9)
    assert fields_of({}) == {
        "start": None,
        "as_of": None,
        "returns": "simple",
        "config": AnalysisConfig(),
        "helpers": {},
        "accept": (),
    }


def test_a_file_of_pairs_has_every_choice_and_its_paths_are_relative_to_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "lists"
    folder.mkdir()
    path = folder / "pairs.toml"
    path.write_text(
        'level = 0.9\nmarket = "file:data/m.csv#M"\naccept = ["bad_tick"]\n'
        '[[pairs]]\na = "sample:sp500"\nb = "file:data/a.csv#x?kind=level"\nwindow = 60\n'
        'frequency = "weekly"\n[pairs.helpers]\nvix = "csv:../v.csv#V"\n'
        '[[pairs]]\na = "sp500"\nb = "file:/abs/a.csv#x"\nstart = 2015-01-01\n'
    )
    first, second = read_pairs(path, {"window": 45})
    assert first.pair.b == f"file:{folder}/data/a.csv#x?kind=level"
    assert first.config == AnalysisConfig(
        rolling_window=45, confidence_level=0.9, frequency="weekly"
    )
    assert first.helpers == {
        "market": f"file:{folder}/data/m.csv#M",
        "vix": f"csv:{folder}/../v.csv#V",
    }
    assert first.accept == second.accept == ("bad_tick",)
    assert (second.pair.b, second.start) == ("file:/abs/a.csv#x", date(2015, 1, 1))
    monkeypatch.chdir(folder)  # names stay as they are written where both folders are one
    assert read_pairs(path.relative_to(folder))[0].pair.b == "file:data/a.csv#x?kind=level"
    (folder / "two.csv").write_text("sp500,file:a.csv#x\n")
    monkeypatch.chdir(tmp_path)
    assert read_pairs(path.with_name("two.csv").relative_to(tmp_path))[0].pair.b == (
        "file:lists/a.csv#x"
    )
    universe = read_universe("sp500,nasdaq,vix", {"frequency": "monthly"})
    assert {one.config for one in universe} == {AnalysisConfig(frequency="monthly")}
    assert {one.config for one in read_pairs(None, {"window": 60})} == {
        AnalysisConfig(rolling_window=60)
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("window = 5", "pair 1: rolling_window must be whole numbers from 30"),
        ('window = "60"', "pair 1: rolling_window must be whole numbers"),
        ("level = 95", "pair 1: confidence_level must be from 0.5 to 0.999, got 95; 95 % is 0.95"),
        ('level = "high"', "confidence_level must be from 0.5 to 0.999, got high"),
        ('frequency = "hourly"', "frequency must be daily, weekly or monthly, got 'hourly'"),
        ("frequency = []", "frequency must be daily"),
        ("market = 3", 'market must be "SYMBOL", got 3'),
        ('market = "SPYX"', "pair 1: 'SPYX' is not in the catalogue"),
        ('helpers = "sample:vix"', "helpers must be a table of role"),
        ("helpers = {vix = 3}", "helpers must be a table of role"),
        ('helpers = {vixx = "sample:vix"}', r"unknown role 'vixx' \(did you mean vix\?\)"),
        ('accept = ["bad_tik"]', r"unknown check to accept 'bad_tik' \(did you mean bad_tick\?\)"),
        ("accept = 3", "accept must be a list of checks"),
        ("windw = 60", r"pair 1: unknown key 'windw' \(did you mean window\?\)"),
        ("start = 3", "start is '3'; write a date"),
    ],
)
def test_a_choice_that_makes_no_sense_is_said_where_it_stands(tmp_path, line, message):
    path = tmp_path / "pairs.toml"
    path.write_text(f'[[pairs]]\na = "sp500"\nb = "nasdaq"\n{line}\n')
    with pytest.raises(InputError, match=message) as error:
        read_pairs(path)
    assert str(error.value).startswith("pairs.toml: ")
    path.write_text(f'{line}\n[[pairs]]\na = "sp500"\nb = "nasdaq"\n')
    with pytest.raises(InputError, match=message.replace("pair 1: ", "")):
        read_pairs(path)


def test_helpers_take_the_place_of_the_catalogues():
    assert helper_names(PAIR) == {"vix": "vix", "oil": "wti"}
    assert helper_names(PAIR, {"vix": None, "market": "sample:wti"}) == {
        "oil": "wti",
        "market": "sample:wti",
    }
    assert helper_names(PAIR, {"market": "sp500"}) == helper_names(PAIR)  # a leg is no market
    files = Pair("file:a.csv#x", "file:b.csv#y")
    assert helper_names(files) == {}
    assert helper_names(files, {"market": "sample:sp500"}) == {"market": "sample:sp500"}
    found = load_helpers(PAIR, market="sample:wti", chosen={"vix": None})
    assert sorted(found) == ["market", "oil"]
    assert chosen_helpers(PAIR, found) == {"market": "sample:wti"}
    assert chosen_helpers(PAIR, load_helpers(PAIR)) == {}
    with pytest.raises(InputError, match="no such file"):
        load_helpers(PAIR, market="file:nowhere.csv#x")
