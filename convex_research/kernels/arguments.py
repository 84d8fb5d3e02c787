"""Which kernels can be made before they are asked for: those with the usual arguments."""

from __future__ import annotations

__all__ = ["EVERY_KERNELS", "can_prepare", "of_the_kernel"]

EVERY_KERNELS = "--HistoryManager.hist_file=:memory:"
"""What our kernel's specification adds to the connection file."""
_OF_THE_KERNEL = "--IPythonKernel."


def can_prepare(arguments: list[str]) -> bool:
    """Whether a kernel with these arguments can be made before they are known.

    Parameters
    ----------
    arguments : list of str
        Of ``ipykernel_launcher``: the connection file and settings of the kernel itself, as
        reports ask for. Anything else is for an application that is yet to start.
    """
    usual = arguments[:1] == ["-f"] and EVERY_KERNELS in arguments[2:]
    settings = [one for one in arguments[2:] if one != EVERY_KERNELS]
    return usual and len(of_the_kernel(arguments)) == len(settings)


def of_the_kernel(arguments: list[str]) -> dict[str, str]:
    """Settings of the kernel itself, by name."""
    parts = [one.partition("=") for one in arguments[2:] if one.startswith(_OF_THE_KERNEL)]
    named = {name.removeprefix(_OF_THE_KERNEL): value for name, sign, value in parts if sign}
    return {name: value for name, value in named.items() if name.isidentifier()}
