"""Style sheets, scripts and pictures, under an address that changes with their content and may be cached for ever."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

DIRECTORY = Path(__file__).parent / "static"
PREFIX = "/static"
CACHE_FOREVER = "public, max-age=31536000, immutable"
# An address of another release still finds the file during a rolling restart, but is not cached.
REVALIDATE = "no-cache"
MEDIA_TYPES = {".js": "text/javascript", ".woff2": "font/woff2"}


class Assets:
    """The static files, read once; every address contains one digest over all of them.

    A common digest lets script modules import each other by relative address.
    """

    def __init__(self, directory: Path = DIRECTORY) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(directory.iterdir()) if path.is_file()}
        total = hashlib.sha256()
        for name, content in self._files.items():
            total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        self.digest = total.hexdigest()[:16]

    def url(self, name: str) -> str:
        """Return the address of a static file; KeyError when there is no such file."""
        if name not in self._files:
            raise KeyError(name)
        return f"{PREFIX}/{self.digest}/{name}"

    async def respond(self, request: Request) -> Response:
        """Return the file, to be cached for ever when the digest in the address is the current one."""
        name = request.path_params["name"]
        if name not in self._files:
            raise HTTPException(404)
        current = request.path_params["digest"] == self.digest
        return Response(
            self._files[name],
            media_type=_media_type(name),
            headers={
                "Cache-Control": CACHE_FOREVER if current else REVALIDATE,
                "X-Content-Type-Options": "nosniff",
                # A screen in a sandboxed frame has no origin, and a font is only given to origins.
                "Access-Control-Allow-Origin": "*",
            },
        )

    def routes(self) -> list[BaseRoute]:
        """Return the routes that serve the files."""
        return [Route(f"{PREFIX}/{{digest}}/{{name}}", self.respond, methods=["GET"], include_in_schema=False)]


def _media_type(name: str) -> str:
    # Windows and some images map .js to text/plain, which browsers refuse; not every Python knows .woff2.
    known = MEDIA_TYPES.get(Path(name).suffix)
    return known or mimetypes.guess_type(name)[0] or "application/octet-stream"
