"""``convex-research lab``: what it starts, and that a user's notebook is never overwritten."""

import json
import sys

import pytest
from typer.testing import CliRunner

from convex_research.cli import lab as cli_lab
from convex_research.cli.main import app
from convex_research.core.files import notebook_path


@pytest.fixture
def started(monkeypatch):
    commands = []
    monkeypatch.setattr(cli_lab, "_become", lambda command: commands.append(command) or 0)
    return commands


def run(*words):
    return CliRunner().invoke(app, ["lab", *map(str, words)])


def test_it_copies_the_notebook_and_opens_it(started, tmp_path):
    folder = tmp_path / "my work"
    result = run("--folder", folder, "--no-browser", "--port", 8899, "--", "--allow-root")
    assert result.exit_code == 0, result.output
    (command,) = started
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={folder.resolve()}" in command
    assert "--LabApp.default_url=/lab/tree/explore.ipynb" in command
    assert "--ServerApp.port=8899" in command
    assert command[-2:] == ["--no-browser", "--allow-root"]
    copied = (folder / "explore.ipynb").read_bytes()
    assert copied == notebook_path("explore").read_bytes()
    assert json.loads(copied)["nbformat"] == 4


def test_a_browser_opens_unless_told_otherwise(started, tmp_path):
    assert run("--folder", tmp_path).exit_code == 0
    assert "--no-browser" not in started[0]
    assert not [word for word in started[0] if word.startswith("--ServerApp.port")]


def test_a_notebook_that_is_there_is_opened_as_it_is(started, tmp_path):
    (tmp_path / "explore.ipynb").write_text("mine")
    result = run("--folder", tmp_path)
    assert result.exit_code == 0
    assert (tmp_path / "explore.ipynb").read_text() == "mine"
    assert "is there already" in result.output
    assert len(started) == 1


@pytest.mark.parametrize("obstacle", ["folder in the way", "file as folder"])
def test_what_cannot_be_written_is_one_line_and_starts_nothing(started, tmp_path, obstacle):
    folder = tmp_path / "x"
    if obstacle == "folder in the way":
        (folder / "explore.ipynb").mkdir(parents=True)
    else:
        folder.write_text("")
    with pytest.raises(cli_lab.InputError, match="Cannot write"):
        cli_lab.lab(folder=folder)
    assert started == []
