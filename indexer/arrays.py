"""Arrays of a snapshot as files: written by the build, read by memory map.

Stands under `assembly`, which writes them, and everything that opens a snapshot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def mapped(folder: Path, name: str) -> npt.NDArray[Any]:
    """The array of that name; pages of it are read when they are used."""
    array = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    return np.asarray(array)


def save(folder: Path, name: str, array: npt.NDArray[Any]) -> None:
    """Writes an array under its name."""
    np.save(folder / f"{name}.npy", array, allow_pickle=False)
