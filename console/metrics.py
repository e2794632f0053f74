"""Metrics: how Menling fares, as Prometheus reads it; no label tells anything of a person.

Every label takes its values from a closed vocabulary of ours, so that their number is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from console.store_metrics import CallbackState, StoreFigures
from console.web.counted import Counted
from console.web.request_log import Answered
from console.web.roles import Permission, Viewer
from console.web.security import May
from console.web.site import site_of
from store.database import Database
from store.types import ContactStatus

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
REQUEST_BUCKETS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """All that is measured, in registries of its own."""

    def __init__(self, database: Database) -> None:
        """Begin to count requests; the store is read when somebody asks."""
        self._store = StoreFigures(database)
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "menling_http_requests",
            "Requests by route as it is declared.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "menling_http_request_seconds",
            "Seconds until the answer began.",
            ("route",),
            buckets=REQUEST_BUCKETS,
            registry=self._registry,
        )

    def begin(self, now: datetime) -> None:
        """Add up the calls that are over, which takes seconds once; raises StoreError."""
        self._store.begin(now)

    def contacts(self) -> Mapping[ContactStatus, int]:
        """Count the contacts of the campaigns that run; raises StoreError."""
        return self._store.contacts()

    def callbacks(self, now: datetime) -> Mapping[CallbackState, int]:
        """Count the callbacks that are owed; raises StoreError."""
        return self._store.callbacks(now)

    def note(self, answered: Answered) -> None:
        """Count a request; observes `console.web.request_log`."""
        method = answered.method if answered.method in METHODS else "other"
        self._requests.labels(method, answered.route, str(answered.status)).inc()
        self._seconds.labels(answered.route).observe(answered.seconds)

    def text(
        self,
        now: datetime,
        contacts: Mapping[ContactStatus, int] | None = None,
        callbacks: Mapping[CallbackState, int] | None = None,
        *,
        history: bool = True,
    ) -> bytes:
        """Return everything in Prometheus' text format; what the store tells as it does."""
        at_once = CollectorRegistry()
        families = self._store.families(now, contacts, callbacks, history=history)
        at_once.register(_Told(tuple(families)))
        return generate_latest(self._registry) + generate_latest(at_once)


class _Told(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


@dataclass(frozen=True, slots=True)
class MayReadMetrics(May):
    """A dependency that lets a key pass, and addresses that the settings name."""

    async def __call__(self, request: Request) -> Viewer | None:  # type: ignore[override]  # no key, no viewer
        """Return who asks; None: a known address. Raises SignInNeeded or NotAllowed."""
        if request.headers.get("authorization") is None and _is_known(request):
            return None
        return await May.__call__(self, request)


router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(
    request: Request,
    _viewer: Annotated[Viewer | None, Depends(MayReadMetrics(Permission.SEE_METRICS))],
) -> Response:
    """Return all metrics as Prometheus reads them."""
    measured: Metrics = request.app.state.metrics
    counted: Counted = request.app.state.counted
    now = site_of(request).clock()
    # A monitoring system gives up after some seconds; what takes longer comes with its next visit.
    begun = counted.get("history for metrics", partial(measured.begin, now)) is not None
    contacts = counted.get("contacts for metrics", measured.contacts)
    known = None if contacts is None else contacts.value
    callbacks = counted.get("callbacks for metrics", partial(measured.callbacks, now))
    owed = None if callbacks is None else callbacks.value
    return Response(measured.text(now, known, owed, history=begun), media_type=CONTENT_TYPE)


def measure(app: FastAPI, database: Database) -> None:
    """Measure an application, and serve what was measured under /metrics."""
    app.state.metrics = measured = Metrics(database)
    app.state.observers.append(measured.note)
    app.include_router(router)


def _is_known(request: Request) -> bool:
    known = site_of(request).settings.console.metrics_from
    return request.client is not None and request.client.host in known
