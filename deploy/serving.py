"""One service as a process: `python -m deploy.serving SERVICE`, or `gongshi run SERVICE`.

The supervisor starts services this way, without the command line: its modules cost memory and start-up time.
"""

from __future__ import annotations

import argparse
import socket
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import cast

import uvicorn
from fastapi import FastAPI

from deploy.memory import bound_arenas
from deploy.parent import die_with_parent
from deploy.runtime import resolve_addresses
from deploy.service_settings import settings_of_service
from deploy.sockets import bind_listener
from shared.log import configure
from shared.settings import Settings
from shared.web.connections import Connections
from shared.web.http_protocol import HttpProtocol

# Display screens keep their event streams open for ever, and reconnect by themselves.
STREAM_SHUTDOWN_TIMEOUT_S = 2
KEEP_ALIVE_S = 75  # above the 60 s of common reverse proxies, which would otherwise reuse a connection that is being closed


def serve(name: str, listener: socket.socket | None = None) -> None:
    """Run the service until SIGINT or SIGTERM, on `listener` or, without one, on the service's port."""
    bound_arenas()
    configured = Settings()
    settings = resolve_addresses(configured)
    if not configured.kafka_bootstrap_servers and not configured.database_url.get_secret_value():
        settings = settings_of_service(settings, name)  # it joins what runs in the state directory, as its supervisor's would
    configure(settings.log_format, name)
    app: FastAPI = import_module(f"services.{name}.app").create_app(settings)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=cast("type[HttpProtocol]", partial(HttpProtocol, guard=_connections(name, settings))),
        forwarded_allow_ips=settings.trusted_proxies,
        ws="none",
        lifespan="on",
        log_config=None,  # shared.log configures logging
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STREAM_SHUTDOWN_TIMEOUT_S,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after a graceful shutdown
        uvicorn.Server(config).run([listener or bind_listener(settings.host, getattr(settings, f"{name}_port"))])


def _connections(service: str, settings: Settings) -> Connections:
    proxies = [each.strip() for each in settings.trusted_proxies.split(",") if each.strip()]
    return Connections(settings.max_connections_per_address, settings.max_connections, proxies, service)


def main() -> None:
    """Parse the supervisor's arguments and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("service")
    parser.add_argument("--listen-fd", type=int, required=True, help="inherited socket")
    parser.add_argument("--parent", type=int, required=True, help="pid of the process to end with")
    arguments = parser.parse_args()
    die_with_parent(arguments.parent)
    serve(arguments.service, socket.socket(fileno=arguments.listen_fd))


if __name__ == "__main__":
    main()
