"""Warm kernels: each is forked from a process that has imported the libraries already.

An ordinary kernel imports for seconds and works for half a second. Here one process, the
parent, imports once and then does nothing but fork. Every notebook still has a kernel
process of its own, with a fresh namespace and the folder and environment of whoever asked.

``batch`` uses :func:`warm_kernels`; any Jupyter client uses the kernel named
``convex-research-warm``.
"""

from convex_research.kernels.owner import KERNEL_NAME, warm_kernels

__all__ = ["KERNEL_NAME", "warm_kernels"]
