"""``batch-report.json``: what a batch did and how long it took; no other file holds times."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from convex_research.core.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from convex_research.batch.choices import BatchChoices
    from convex_research.batch.log import Ledger

__all__ = ["REPORT_NAME", "write_report"]

REPORT_NAME = "batch-report.json"
_SCHEMA = "convex-research/batch-report/1"
_SLOWEST = 10


def write_report(output: Path, ledger: Ledger, choices: BatchChoices) -> Path:
    """Write the account of a batch.

    Parameters
    ----------
    output : Path
        Folder of the reports.
    ledger : Ledger
        What happened.
    choices : BatchChoices
        How it was run.

    Returns
    -------
    Path
    """
    by_stage: dict[str, float] = defaultdict(float)
    for page in ledger.times:
        for stage, seconds in page.stages.items():
            by_stage[stage] += seconds
    content = {
        "schema": _SCHEMA,
        "started": datetime.fromtimestamp(ledger.started, UTC).isoformat(timespec="seconds"),
        "interrupted": ledger.interrupted,
        "executor": choices.executor,
        "workers": choices.workers,
        "pages": {"built": len(ledger.built), "failed": len(ledger.failures)},
        "pairs": {
            "rebuilt": list(ledger.rebuilt),
            "unchanged": sorted(ledger.unchanged),
            "failed": list(ledger.failed),
            "left_out": sorted(ledger.left_out),
        },
        "failures": [asdict(one) for one in ledger.failures],
        "seconds": {
            "batch": _rounded(ledger.stages),
            "pages_in_all": _rounded(by_stage),
            "slowest_pages": [
                {
                    "page": one.page,
                    "seconds": round(one.seconds, 3),
                    "stages": _rounded(one.stages),
                }
                for one in ledger.slowest(_SLOWEST)
            ],
        },
        "worker_memory_bytes": ledger.memory,
        "across_pairs": _across_pairs(output),
    }
    path = output / REPORT_NAME
    write_atomically(path, json.dumps(content, indent=2, allow_nan=False) + "\n")
    return path


def _across_pairs(output: Path) -> Any:
    """Error control over all pairs, by claim, as the index that was just written has it."""
    return json.loads((output / "index.json").read_bytes()).get("across_pairs")


def _rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {stage: round(taken, 3) for stage, taken in seconds.items()}
