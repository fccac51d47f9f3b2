"""ECharts in an embedded V8, started with the first chart, kept for the life of the process."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import structlog
from py_mini_racer import JSEvalException, MiniRacer

from shared.charts.chart import Chart, chart_of
from shared.charts.drawing import Drawing, cleaned
from shared.charts.options import Frame, frames, request_for
from shared.charts.spec import Spec
from shared.web.formats import Formats
from shared.web.languages import Language

HERE = Path(__file__).parent
ECHARTS = HERE / "vendor" / "echarts.min.js"
DRAW = HERE / "draw.js"
# V8 alone has no timers, and ECharts must not wait for one: it renders when asked.
STUBS = "var self = globalThis; var setTimeout = function () { return 0; }; var clearTimeout = function () {};"
# A chart takes 10 to 50 ms; one that takes this long will not come.
TIMEOUT_S = 5.0
# A few thousand operators' pages are open at a time; a chart is about 15 kB.
CAPACITY = 1_000

log = structlog.get_logger()

Key = tuple[Spec, Language]


class ChartRenderer:
    """Draws charts and remembers them; made in the composition root.

    The engine lives on a thread of its own: V8 serves one caller at a time, and an engine made on a thread with an
    event loop would draw on that loop.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._drawn: OrderedDict[Key, Chart] = OrderedDict()
        self._engine: MiniRacer | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")

    async def draw(self, spec: Spec, formats: Formats) -> Chart:
        """Return the chart of `spec` in the language of `formats`, without holding up the event loop."""
        known = self._drawn.get((spec, formats.language))
        if known is not None:
            return known
        return await asyncio.wrap_future(self._thread.submit(self._chart, spec, formats))

    def draw_now(self, spec: Spec, formats: Formats) -> Chart:
        """Return the chart of `spec`; the calling thread waits."""
        return self._drawn.get((spec, formats.language)) or self._thread.submit(self._chart, spec, formats).result()

    def close(self) -> None:
        """Give the engine's memory back; nothing can be drawn afterwards."""
        self._thread.submit(self._stop).result()
        self._thread.shutdown()

    def _chart(self, spec: Spec, formats: Formats) -> Chart:
        # Drawn, perhaps, while this call stood in the queue.
        chart = self._drawn.get((spec, formats.language)) or self._draw(spec, formats)
        self._remember((spec, formats.language), chart)
        return chart

    def _draw(self, spec: Spec, formats: Formats) -> Chart:
        prefix = "c" + hashlib.sha256(repr((spec, formats.language)).encode()).hexdigest()[:8]
        try:
            wide, narrow = (
                self._drawing(spec, frame, formats, f"{prefix}{size}") for frame, size in zip(frames(spec), "wn", strict=True)
            )
        except JSEvalException as error:
            # The table says the same; a page must not fail for want of its picture.
            log.exception("chart_not_drawn", error=type(error).__name__)
            return chart_of(spec, None, None, formats)
        return chart_of(spec, wide, narrow, formats)

    def _drawing(self, spec: Spec, frame: Frame, formats: Formats, prefix: str) -> Drawing:
        request = request_for(spec, frame, formats)
        asked = asdict(request)
        svg = self._started().call("draw", frame.width, frame.height, asked["option"], asked["labels"], timeout_sec=TIMEOUT_S)
        return cleaned(svg, frame.width, frame.height, prefix)

    def _started(self) -> MiniRacer:
        if self._engine is None:
            engine = MiniRacer()
            for script in (STUBS, ECHARTS.read_text("utf-8"), DRAW.read_text("utf-8")):
                engine.eval(script)
            self._engine = engine
        return self._engine

    def _stop(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _remember(self, key: Key, chart: Chart) -> None:
        if chart.wide is None:
            return
        self._drawn[key] = chart
        self._drawn.move_to_end(key)
        if len(self._drawn) > self._capacity:
            self._drawn.popitem(last=False)
