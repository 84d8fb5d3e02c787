"""Names for arrays in signatures: imported where types are checked, never at run time."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Array", "ArrayLike", "Dates", "Indices", "Mask"]

Array: TypeAlias = NDArray[np.float64]
Dates: TypeAlias = NDArray[np.datetime64]
Indices: TypeAlias = NDArray[np.intp]
Mask: TypeAlias = NDArray[np.bool_]
