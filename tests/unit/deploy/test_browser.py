"""Which browser the page tests use: the named one, otherwise the first on the path that runs, otherwise Playwright's."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.browser import BrowserMissing, find, main


def program(path: Path, exit_code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho Chromium 1\nexit {exit_code}\n", encoding="ascii")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on its path and nothing from Playwright's installer."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.delenv("GONGSHI_BROWSER", raising=False)
    return tmp_path


def test_the_named_browser_wins_over_the_path(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(machine / "bin" / "chromium")
    own = program(machine / "own" / "chrome")
    monkeypatch.setenv("GONGSHI_BROWSER", str(own))

    assert find() == own


def test_a_named_browser_that_does_not_run_is_not_replaced_silently(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(machine / "bin" / "chromium")
    monkeypatch.setenv("GONGSHI_BROWSER", str(machine / "absent"))

    with pytest.raises(BrowserMissing, match=r"GONGSHI_BROWSER names .*absent"):
        find()
    assert main() == 1


def test_a_snap_wrapper_is_skipped(machine: Path) -> None:
    program(machine / "bin" / "chromium-browser", exit_code=1)
    chrome = program(machine / "bin" / "google-chrome")

    assert find() == chrome


def test_the_newest_playwright_browser_is_the_fallback(machine: Path) -> None:
    program(machine / "playwright" / "chromium-1100" / "chrome-linux" / "chrome")
    newest = program(machine / "playwright" / "chromium-1200" / "chrome-linux64" / "chrome")

    assert find() == newest


def test_without_a_browser_the_error_says_what_to_do() -> None:
    with pytest.raises(BrowserMissing, match="install one with your package manager"):
        find()
