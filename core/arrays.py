"""Names for NumPy arrays of one dtype, each with one meaning everywhere; and arrays as bytes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

HalfArray = npt.NDArray[np.float16]  # vectors as they are stored
FloatArray = npt.NDArray[np.float32]  # vectors and weights in computation, probabilities
DoubleArray = npt.NDArray[np.float64]  # statistics
IndexArray = npt.NDArray[np.int64]
LabelArray = npt.NDArray[np.int8]  # 0 negative, 1 positive
IdArray = npt.NDArray[np.int32]  # token and character ids
BoolArray = npt.NDArray[np.bool_]


def pack_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Named arrays as the bytes of an npz file, without pickle."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack_arrays(data: bytes) -> dict[str, npt.NDArray[Any]]:
    """What `pack_arrays` packed.

    Raises:
        ValueError: The bytes are damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if damaged := archive.testzip():  # before NumPy trusts the sizes that the bytes say
                raise ValueError(f"the checksum of {damaged} is wrong")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return dict(arrays)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, KeyError, struct.error) as error:
        raise ValueError(f"these are no packed arrays ({error})") from error
