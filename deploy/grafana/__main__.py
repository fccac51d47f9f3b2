"""Writes the dashboards' JSON, or with `--check` reports whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.overview import overview

FOLDER = Path(__file__).parent / "dashboards"


def documents() -> dict[Path, str]:
    """Return each dashboard file and what it should hold."""
    return {FOLDER / "overview.json": JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(overview()) + "\n"}


def main() -> int:
    """Write what has changed; with `--check`, only return 1 if anything has."""
    stale = {path: text for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text}
    if "--check" in sys.argv:
        sys.stderr.writelines(f"{path.name} is out of date: run python -m deploy.grafana\n" for path in stale)
        return bool(stale)
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
