#!/usr/bin/env bash
# uvicorn 0.54.0 with httptools 0.9.0: the body of a request that offers HTTP/2 (Upgrade: h2c) never reaches the application;
# with h11 it does (Kludex/uvicorn#2722, MagicStack/httptools#124). A server may ignore the offer (RFC 9110, 7.8).
# Expected: 5 bytes with both. Seen: 5 with h11, 0 with httptools. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import sys

import uvicorn

REQUEST = (
    b"POST / HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nContent-Length: 5\r\n\r\nhello"
)


async def bytes_received(protocol):
    received = asyncio.get_running_loop().create_future()

    async def application(scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        received.set_result(len(body))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    config = uvicorn.Config(application, port=0, http=protocol, ws="none", lifespan="off", log_level="critical")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    writer.write(REQUEST)
    count = await asyncio.wait_for(received, 10)
    writer.close()
    await server.shutdown()
    return count


found = {protocol: asyncio.run(bytes_received(protocol)) for protocol in ("h11", "httptools")}
print(f"bytes of the body that reached the application: {found}")
sys.exit(0 if found == {"h11": 5, "httptools": 0} else 1)
PYTHON
