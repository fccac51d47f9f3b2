"""The events of a screen's stream as a program reads them."""

import httpx2

from deploy.demo.screen import ReceivedScreenEvent, read_events


async def test_events_are_read_as_they_end():
    lines = ': comment\n\nevent: lease\ndata: {"token":\ndata: "t1"}\n\nid: 7\nevent: withdrawn\ndata: {"version":2}\n\ndata: {}\n\nevent: cut'
    response = httpx2.Response(200, content=lines.encode())

    events = [event async for event in read_events(response)]

    assert events == [
        ReceivedScreenEvent("lease", {"token": "t1"}),
        ReceivedScreenEvent("withdrawn", {"version": 2}, "7"),
        ReceivedScreenEvent("message", {}),
    ]
