"""Which of many legs hang together: a tree of merging groups, and which branches hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.statistics.inference.jackknife import standardised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.typing import Array, Indices, Mask

__all__ = ["Group", "groups", "leaf_order", "spanning_tree"]

_HOLD = 0.70
_FEWEST = 3


class Group(NamedTuple):
    """Legs that hold together.

    - ``members``: places of the legs.
    - ``stability``: mean Jaccard similarity to the nearest branch of resampled trees.
    """

    members: tuple[int, ...]
    stability: float


def _distances(matrix: Array) -> Array:
    """sqrt(2 (1 - r)) in scipy's condensed form."""
    from scipy.spatial.distance import squareform

    away = np.sqrt(np.maximum(2.0 * (1.0 - matrix), 0.0))
    np.fill_diagonal(away, 0.0)
    return np.asarray(squareform(0.5 * (away + away.T), checks=False))


def _tree(matrix: Array) -> Array:
    from scipy.cluster.hierarchy import linkage

    return np.asarray(linkage(_distances(matrix), "average"))


def leaf_order(matrix: Array) -> Indices:
    """Order of the legs in which neighbours are most alike.

    Average linkage of sqrt(2 (1 - r)), its leaves turned so that neighbours are nearest.
    Bar-Joseph, Gifford and Jaakkola (2001), Bioinformatics 17, S22-S29.
    """
    from scipy.cluster.hierarchy import leaves_list, optimal_leaf_ordering

    if matrix.shape[0] < 3:
        return np.arange(matrix.shape[0])
    condensed = _distances(matrix)
    return np.asarray(leaves_list(optimal_leaf_ordering(_tree(matrix), condensed)), dtype=np.intp)


def spanning_tree(matrix: Array) -> list[tuple[int, int]]:
    """Edges of the shortest tree that joins all legs. Mantegna (1999), EPJ B 11, 193-197."""
    from scipy.sparse.csgraph import minimum_spanning_tree

    away = np.sqrt(np.maximum(2.0 * (1.0 - matrix), 1e-12))
    np.fill_diagonal(away, 0.0)
    edges = minimum_spanning_tree(np.triu(away)).tocoo()
    return sorted(
        (int(min(i, j)), int(max(i, j))) for i, j in zip(edges.row, edges.col, strict=True)
    )


def _branches(tree: Array) -> Mask:
    """Members of every branch of three legs to half of all, a row each."""
    legs = tree.shape[0] + 1
    inside = np.zeros((2 * legs - 1, legs), dtype=bool)
    inside[np.arange(legs), np.arange(legs)] = True
    for row, (left, right) in enumerate(tree[:, :2].astype(int)):
        inside[legs + row] = inside[left] | inside[right]
    branches = inside[legs:-1]
    sizes = branches.sum(axis=1)
    return np.asarray(branches[(sizes >= _FEWEST) & (2 * sizes <= legs)])


def groups(returns: Array, *, seed: Sequence[int], draws: int = 100) -> list[Group]:
    """The largest branches of the tree that hold together when blocks of days are drawn anew.

    A branch of three legs to half of all holds where its mean Jaccard similarity to the nearest
    branch of the trees of ``draws`` resamples is .70 or more; a leg belongs to it that is in that
    one in .70 of them. Of branches within each other the largest counts. Blocks of sqrt(n) days,
    circular. Hennig (2007), Computational Statistics and Data Analysis 52, 258-271.

    - ``returns`` (M, n): legs on the same days.
    - ``seed``: of the resamples, made from the data.
    """
    legs, nobs = returns.shape
    if legs < _FEWEST + 1:
        return []
    u = standardised(returns)
    branches = _branches(_tree(u @ u.T / nobs)).astype(np.float64)
    if not len(branches):
        return []
    sizes, similar = branches.sum(axis=1), np.zeros(len(branches))
    held = np.zeros_like(branches)
    rng = np.random.default_rng(seed)
    length = max(1, round(np.sqrt(nobs)))
    for _ in range(draws):
        starts = rng.integers(0, nobs, -(-nobs // length))
        days = ((starts[:, None] + np.arange(length)) % nobs).ravel()[:nobs]
        drawn = standardised(returns[:, days])
        other = _branches(_tree(drawn @ drawn.T / nobs)).astype(np.float64)
        if len(other):
            both = branches @ other.T
            alike = both / (sizes[:, None] + other.sum(axis=1) - both)
            similar += alike.max(axis=1)
            held += branches * other[alike.argmax(axis=1)]
    similar /= draws
    inside = held / draws >= _HOLD
    found: list[Group] = []
    for row in np.lexsort((-similar, -sizes)):
        members = frozenset(np.flatnonzero(inside[row]).tolist())
        apart = all(members.isdisjoint(one.members) for one in found)
        if similar[row] >= _HOLD and len(members) >= _FEWEST and apart:
            found.append(Group(tuple(sorted(members)), float(similar[row])))
    return found
