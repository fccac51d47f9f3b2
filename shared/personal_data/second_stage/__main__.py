"""`python -m shared.personal_data.second_stage`: the model in a process of its own, for as long as texts wait.

It takes 140 MB that a service would keep for good.
"""

from __future__ import annotations

import orjson

from shared.personal_data.second_stage import load_second_stage
from shared.personal_data.second_stage.segmenter import load_segmenter
from shared.worker_process.frames import answer_requests


def find_spans(request: bytes) -> bytes:
    """Return the spans of each text."""
    order = orjson.loads(request)
    stage = load_second_stage(order["public"])
    return orjson.dumps([stage.find_spans(text) for text in order["texts"]])


if __name__ == "__main__":
    load_segmenter()
    answer_requests(find_spans)
