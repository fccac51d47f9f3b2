"""ECharts in an embedded V8, started with the first chart, alive as long as the process."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import structlog
from py_mini_racer import JSEvalException, MiniRacer, init_mini_racer

from shared.charts.chart import Chart, build_chart
from shared.charts.drawing import Drawing, clean_svg
from shared.charts.options import Frame, drawing_request, frames
from shared.charts.spec import Spec
from shared.web.formats import Formats
from shared.web.languages import Language

HERE = Path(__file__).parent
ECHARTS = HERE / "vendor" / "echarts.min.js"
DRAW = HERE / "draw.js"
# V8 alone has no timers, and ECharts must not wait for one: it renders when called.
STUBS = "var self = globalThis; var setTimeout = function () { return 0; }; var clearTimeout = function () {};"
# A chart takes 10 to 50 ms; one that takes this long will not come.
TIMEOUT_S = 5.0
# A few thousand operators' pages are open at a time; a chart is about 15 kB.
CAPACITY = 1_000

log = structlog.get_logger()

CacheKey = tuple[Spec, Language]


class ChartRenderer:
    """Draws charts and caches them; created in the composition root.

    The engine lives on a thread of its own: V8 serves one caller at a time, and an engine created on a thread with an
    event loop would draw on that loop. V8 itself is initialised by the thread that creates the first renderer: where the
    processor has protection keys, only that thread and those it starts may touch the code that V8 makes, and any other
    thread's engine ends the process.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        init_mini_racer(ignore_duplicate_init=True)
        self._capacity = capacity
        self._cache: OrderedDict[CacheKey, Chart] = OrderedDict()
        self._engine: MiniRacer | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")

    async def draw(self, spec: Spec, formats: Formats) -> Chart:
        """Return the chart of `spec` in the language of `formats`, without holding up the event loop."""
        cached = self._cache.get((spec, formats.language))
        if cached is not None:
            return cached
        return await asyncio.wrap_future(self._thread.submit(self._cached_or_draw, spec, formats))

    def draw_sync(self, spec: Spec, formats: Formats) -> Chart:
        """Return the chart of `spec`; the calling thread waits."""
        return self._cache.get((spec, formats.language)) or self._thread.submit(self._cached_or_draw, spec, formats).result()

    def close(self) -> None:
        """Free the engine's memory; nothing can be drawn afterwards."""
        self._thread.submit(self._stop_engine).result()
        self._thread.shutdown()

    def _cached_or_draw(self, spec: Spec, formats: Formats) -> Chart:
        # Another call may have drawn it while this one was queued.
        chart = self._cache.get((spec, formats.language)) or self._draw(spec, formats)
        self._store((spec, formats.language), chart)
        return chart

    def _draw(self, spec: Spec, formats: Formats) -> Chart:
        prefix = "c" + hashlib.sha256(repr((spec, formats.language)).encode()).hexdigest()[:8]
        try:
            wide, narrow = (
                self._drawing(spec, frame, formats, f"{prefix}{size}") for frame, size in zip(frames(spec), "wn", strict=True)
            )
        except JSEvalException as error:
            # The table has the same data; a page must not fail for want of its picture.
            log.exception("chart_not_drawn", error=type(error).__name__)
            return build_chart(spec, None, None, formats)
        return build_chart(spec, wide, narrow, formats)

    def _drawing(self, spec: Spec, frame: Frame, formats: Formats, prefix: str) -> Drawing:
        request = drawing_request(spec, frame, formats)
        arguments = asdict(request)
        svg = self._get_engine().call(
            "draw", frame.width, frame.height, arguments["option"], arguments["labels"], timeout_sec=TIMEOUT_S
        )
        return clean_svg(svg, frame.width, frame.height, prefix)

    def _get_engine(self) -> MiniRacer:
        if self._engine is None:
            engine = MiniRacer()
            for script in (STUBS, ECHARTS.read_text("utf-8"), DRAW.read_text("utf-8")):
                engine.eval(script)
            self._engine = engine
        return self._engine

    def _stop_engine(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _store(self, key: CacheKey, chart: Chart) -> None:
        if chart.wide is None:
            return
        self._cache[key] = chart
        self._cache.move_to_end(key)
        if len(self._cache) > self._capacity:
            self._cache.popitem(last=False)
