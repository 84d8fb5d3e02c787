"""The digests' proof on the page for referees: every stored row, misses marked."""

import html5lib

from convex_research.daily.promise import digest_table
from convex_research.methodology import pages as referee


def rows_of(caption):
    page = html5lib.parse(referee.digests().html, namespaceHTMLElements=False)
    found = next(t for t in page.iter("table") if t.find("caption").text.startswith(caption))
    return [["".join(cell.itertext()) for cell in line] for line in found.find("tbody")]


def test_every_world_has_its_row_and_a_mark_where_it_is_over():
    stored = [row for row in digest_table().rows if row.after is None]
    lines = rows_of("Digests where no correlation changes")
    assert len(lines) == len(stored)
    for row, line in zip(stored, lines, strict=True):
        assert line[1].startswith(f"{100 * row.digests_with_false_report:.2f} ±")
        assert ("✗" in line[1]) == (row.digests_with_false_report > 0.05)


def test_every_shift_has_its_shares_and_the_bound():
    stored = {(row.before[0], row.after, row.shifted): row for row in digest_table().rows}
    lines = rows_of("Planted shifts")
    assert len(lines) == 6
    for line in lines:
        before, after = map(float, line[0].split(" to "))
        for cell, shifted in zip(line[1:4], (1, 20, 60), strict=True):
            row = stored[before, after, shifted]
            assert cell.startswith(f"{100 * row.found:.1f} ± {100 * row.found_std_error:.1f}")
            assert ("✗" in cell) == (row.found < 0.8)
        assert line[4] == f"{100 * stored[before, after, 1].bound:.0f}"
