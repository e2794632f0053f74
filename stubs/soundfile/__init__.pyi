from os import PathLike
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

class LibsndfileError(RuntimeError): ...

def read(
    file: str | PathLike[str] | BinaryIO, *, dtype: Literal["float64"] = ...
) -> tuple[NDArray[np.float64], int]: ...
def write(
    file: str | PathLike[str] | BinaryIO,
    data: NDArray[np.float64],
    samplerate: int,
    *,
    format: str | None = ...,
    subtype: str | None = ...,
    compression_level: float | None = ...,
) -> None: ...
