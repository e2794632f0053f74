"""What Menling uses of APScheduler 3.x."""

from collections.abc import Callable
from datetime import datetime, tzinfo

class Job:
    def modify(self, *, next_run_time: datetime) -> object: ...

class AsyncIOScheduler:
    def __init__(self, *, timezone: tzinfo) -> None: ...
    def add_job(
        self,
        func: Callable[..., object],
        trigger: str,
        args: tuple[object, ...],
        *,
        seconds: float,
        coalesce: bool,
        max_instances: int,
        misfire_grace_time: int | None,
        next_run_time: datetime,
    ) -> object: ...
    def get_jobs(self) -> list[Job]: ...
    def start(self) -> None: ...
    def shutdown(self, wait: bool = ...) -> None: ...
