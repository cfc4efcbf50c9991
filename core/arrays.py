"""Names for NumPy arrays of one dtype, each with one meaning everywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

HalfArray = npt.NDArray[np.float16]  # vectors as they are stored
FloatArray = npt.NDArray[np.float32]  # vectors and weights in computation, probabilities
DoubleArray = npt.NDArray[np.float64]  # statistics
IndexArray = npt.NDArray[np.int64]
LabelArray = npt.NDArray[np.int8]  # 0 negative, 1 positive
IdArray = npt.NDArray[np.int32]  # token and character ids
BoolArray = npt.NDArray[np.bool_]
