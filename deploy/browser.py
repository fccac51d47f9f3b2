"""The browser of the page tests: the one on the path, else Debian's by apt-get, else Playwright's own.

`python -m deploy.browser` finds or installs it, with a Chinese font for its pictures, and prints its path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from shared.errors import PermanentError

VARIABLE = "GONGSHI_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN_BROWSER = "chromium"
DEBIAN_FONT = ("fontconfig", "fonts-wqy-microhei")
# Where Playwright's installer puts it; the folder's name has changed between its releases.
PLAYWRIGHT_FOLDERS = "chromium-*/chrome-linux*/chrome"
ANSWER_S = 30


class BrowserMissing(PermanentError):
    """No Chromium runs here; install one with your package manager, or name one in GONGSHI_BROWSER."""


def find() -> Path:
    """Return a Chromium that runs. Raises `BrowserMissing`; `make browser` installs one."""
    named = os.environ.get(VARIABLE)
    for candidate in [named] if named else [*map(shutil.which, NAMES), *_playwright_browsers()]:
        if candidate and _is_runnable(candidate):
            return Path(candidate)
    raise BrowserMissing(f"{VARIABLE} names {named}, which does not run here" if named else "")


def ensure_browser() -> Path:
    """Return a Chromium that runs and install a Chinese font; install Chromium first if there is none."""
    try:
        browser = find()
    except BrowserMissing:
        browser = _install()
    if not has_chinese_font():
        _print("installing a Chinese font")
        if not _apt_install(*DEBIAN_FONT):
            _print("no Chinese font: characters in pictures will be empty boxes; install fonts-wqy-microhei")
    return browser


def has_chinese_font() -> bool:
    """Whether fontconfig, which Chromium asks, knows a font with Chinese characters."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    return bool(_run(lister, ":lang=zh", quiet=True).stdout.strip())


def _install() -> Path:
    """Install one by apt-get if permitted, otherwise by Playwright's own installer."""
    if os.environ.get(VARIABLE):
        return find()
    _print("installing Chromium with apt-get (about 80 MB)")
    if _apt_install(DEBIAN_BROWSER, *DEBIAN_FONT):
        try:
            return find()
        except BrowserMissing:
            # On Ubuntu the package of that name only points to a snap, which containers can't run.
            _print("that one does not run here")
    _print("installing Chromium with Playwright's installer (about 170 MB)")
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    return find()


def _apt_install(*packages: str) -> bool:
    """Install Debian packages; return False without apt-get, without root or when it fails."""
    program = shutil.which("apt-get")
    if program is None or os.geteuid() != 0:
        return False
    _run(program, "update", "-q")
    return _run(program, "install", "-q", "-y", "--no-install-recommends", *packages).returncode == 0


def _playwright_browsers() -> list[str]:
    """Return the browsers installed by Playwright, newest first."""
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright").expanduser()
    return sorted(map(str, folder.glob(PLAYWRIGHT_FOLDERS)), reverse=True)


def _is_runnable(program: str) -> bool:
    try:
        return _run(program, "--version", quiet=True, timeout=ANSWER_S).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(*command: str, quiet: bool = False, timeout: float | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end; `quiet` captures its output."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, capture_output=quiet, timeout=timeout, check=False)  # noqa: S603


def _print(sentence: str) -> None:
    print(f"browser: {sentence}", flush=True)  # noqa: T201 - the command's own output


def main() -> int:
    """Find or install the browser and print its path; return 1 when there is none."""
    try:
        browser = ensure_browser()
    except BrowserMissing as error:
        _print(str(error))
        return 1
    _print(str(browser))
    return 0


if __name__ == "__main__":
    sys.exit(main())
