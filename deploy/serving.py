"""One service as a process: `python -m deploy.serving SERVICE`, or `gongshi run SERVICE`.

The supervisor starts services this way, without the command line, whose other commands would cost each of them memory
and a part of a second.
"""

from __future__ import annotations

import argparse
import socket
from contextlib import suppress
from importlib import import_module

import uvicorn
from fastapi import FastAPI

from deploy.listening import bound
from deploy.parent import die_with
from deploy.runtime import addressed
from shared.log import configure
from shared.settings import Settings

# Display screens hold their event streams open for ever; they come back by themselves.
STREAMS_END_S = 2
KEEP_ALIVE_S = 75  # longer than the 60 s of common reverse proxies, which else reuse a connection that is just closed


def serve(name: str, listener: socket.socket | None = None) -> None:
    """Run the service until SIGINT or SIGTERM. listener: the bound socket to use, else one on the service's port."""
    settings = addressed(Settings())
    configure(settings.log_format, name)
    app: FastAPI = import_module(f"services.{name}.app").create_app(settings)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,  # as shared.log has it
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STREAMS_END_S,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after it has stopped well
        uvicorn.Server(config).run([listener or bound(settings.host, getattr(settings, f"{name}_port"))])


def main() -> None:
    """Read the supervisor's arguments and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("service")
    parser.add_argument("--listen-fd", type=int, required=True, help="inherited socket")
    parser.add_argument("--parent", type=int, required=True, help="process to die with")
    arguments = parser.parse_args()
    die_with(arguments.parent)
    serve(arguments.service, socket.socket(fileno=arguments.listen_fd))


if __name__ == "__main__":
    main()
