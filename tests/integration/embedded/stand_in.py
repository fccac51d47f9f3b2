"""A stand-in for a service: answers every GET with 200 and its process id. Arguments: NAME LISTEN_FD PARENT_PID."""

import os
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from deploy.parent import die_with_parent


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())


def main() -> None:
    name, listen_fd, parent = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    die_with_parent(parent)
    if name == "stats" and "STATS_DIES" in os.environ:
        sys.exit("the rules file has no rule")
    server = HTTPServer(("127.0.0.1", 0), Answer, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=listen_fd)
    server.server_activate()
    server.serve_forever()


main()
