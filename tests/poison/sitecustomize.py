"""Kernels that misbehave on purpose: put this folder on PYTHONPATH to have them.

``CONVEX_TEST_POISON`` holds JSON: what happens to the kernel of a pair, by slug. ``raise``
is a bug in a cell, ``hang`` never ends, ``kill`` is what the system does when memory runs out,
``lose`` also takes the worker, ``slow`` sleeps for a second.
"""

import json
import os
import signal
import sys
import time
from importlib.machinery import PathFinder

POISONED = "convex_research.studies"


class Poisoner:
    """Wraps ``analyze`` when its module is imported, in any process."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != POISONED:
            return None
        spec = PathFinder.find_spec(name, path, target)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            module.analyze = poisoned(module.analyze)

        spec.loader.exec_module = exec_module
        return spec


def poisoned(analyze):
    def wrapped(returns, *args, **kwargs):
        words = json.loads(os.environ["CONVEX_TEST_POISON"])
        if in_kernel():
            act(words.get(returns.prices.pair.slug) or words.get("*"))
        return analyze(returns, *args, **kwargs)

    return wrapped


def in_kernel():
    """Notebooks are poisoned, not the worker that looks at their data first."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def act(how):
    if how == "raise":
        raise RuntimeError("poisoned <b>on purpose</b>")
    if how == "hang":
        time.sleep(3600)
    if how == "slow":
        time.sleep(1)
    if how == "lose":
        os.kill(worker(), signal.SIGKILL)
        time.sleep(60)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)


def worker():
    import psutil

    above = psutil.Process().parents()
    return next(p.pid for p in above if "convex_research.batch.worker" in p.cmdline())


if os.environ.get("CONVEX_TEST_POISON"):
    sys.meta_path.insert(0, Poisoner)
