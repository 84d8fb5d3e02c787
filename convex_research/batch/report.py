"""``batch-report.json``: what a batch did and how long it took; no other file holds times."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from convex_research.core.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from convex_research.batch.choices import BatchChoices
    from convex_research.batch.log import BatchLog

__all__ = ["REPORT_NAME", "write_report"]

REPORT_NAME = "batch-report.json"
_SCHEMA = "convex-research/batch-report/1"
_SLOWEST = 10


def write_report(output: Path, log: BatchLog, choices: BatchChoices) -> Path:
    """Write the account of a batch.

    Parameters
    ----------
    output : Path
        Folder of the reports.
    log : BatchLog
        What happened.
    choices : BatchChoices
        How it was run.

    Returns
    -------
    Path
    """
    by_stage: dict[str, float] = defaultdict(float)
    for page in log.times:
        for stage, seconds in page.stages.items():
            by_stage[stage] += seconds
    content = {
        "schema": _SCHEMA,
        "started": datetime.fromtimestamp(log.started, UTC).isoformat(timespec="seconds"),
        "interrupted": log.interrupted,
        "executor": choices.executor,
        "workers": choices.workers,
        "pages": {"built": len(log.built), "failed": len(log.failures)},
        "pairs": {
            "rebuilt": list(log.rebuilt),
            "unchanged": sorted(log.unchanged),
            "failed": list(log.failed),
            "left_out": sorted(log.left_out),
        },
        "failures": [{"slug": one.slug, "kind": one.kind, **one.fields} for one in log.failures],
        "seconds": {
            "batch": _rounded(log.stages),
            "pages_in_all": _rounded(by_stage),
            "slowest_pages": [
                {
                    "page": one.page,
                    "seconds": round(one.seconds, 3),
                    "stages": _rounded(one.stages),
                }
                for one in log.slowest(_SLOWEST)
            ],
        },
        "worker_memory_bytes": log.memory,
        "across_pairs": _across_pairs(output),
    }
    path = output / REPORT_NAME
    write_atomically(path, json.dumps(content, indent=2, allow_nan=False) + "\n")
    return path


def _across_pairs(output: Path) -> Any:
    """Error control over all pairs, by claim, as the index that was just written has it."""
    return json.loads((output / "index.json").read_bytes()).get("across_pairs")


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(taken, 3) for stage, taken in seconds.items()}
