# What Menling uses of PyAudio 0.2.14.
from collections.abc import Mapping

paInt16: int
paInputOverflowed: int

class Stream:
    def read(self, num_frames: int, exception_on_overflow: bool = True) -> bytes: ...
    def write(
        self, frames: bytes, num_frames: int | None = None, exception_on_underflow: bool = False
    ) -> None: ...
    def get_read_available(self) -> int: ...
    def stop_stream(self) -> None: ...
    def close(self) -> None: ...

class PyAudio:
    def get_device_count(self) -> int: ...
    def get_device_info_by_index(self, device_index: int) -> Mapping[str, str | int | float]: ...
    def open(
        self,
        rate: int,
        channels: int,
        format: int,
        input: bool = False,
        output: bool = False,
        input_device_index: int | None = None,
        output_device_index: int | None = None,
        frames_per_buffer: int = 1024,
    ) -> Stream: ...
    def terminate(self) -> None: ...
