"""Logs turn over while their program writes: bounded, in whole lines, none lost."""

import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.log_file import LogFile

LINES = 20_000
PROGRAM = f"for n in range({LINES}): print(n, 'x' * (n % 50))"


def run(log: LogFile, program: str) -> None:
    with log.open() as output:
        subprocess.run([sys.executable, "-c", program], stdout=output, stderr=output, check=True)
    log.tail()


def files(path: Path) -> list[Path]:
    """The files of a log, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}*"), key=lambda file: -int(file.suffix[1:]) if file.suffix != ".log" else 0)


def test_no_line_is_lost_and_each_file_is_bounded_and_ends_with_a_line(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "logs" / "stats.log", max_bytes=100_000, older=99)

    run(log, PROGRAM)
    run(log, "print('second start')")

    found = files(log.path)
    assert len(found) > 5
    assert all(file.stat().st_size <= 100_000 and file.read_bytes().endswith(b"\n") for file in found)
    lines = b"".join(file.read_bytes() for file in found).decode().splitlines()
    assert [line.split(" ")[0] for line in lines] == [*map(str, range(LINES)), "second"]


def test_only_so_many_older_files_are_kept(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "stats.log", max_bytes=50_000, older=2)

    run(log, PROGRAM)

    assert [file.name for file in files(log.path)] == ["stats.log.2", "stats.log.1", "stats.log"]
    assert log.tail(1).startswith(f"{LINES - 1} ")


def test_a_program_whose_log_cannot_be_written_goes_on(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "stats.log")
    (tmp_path / "stats.log").mkdir()

    run(log, PROGRAM)


@settings(max_examples=20)
@given(st.lists(st.binary(max_size=3_000), max_size=30))
def test_every_output_is_in_the_files_as_it_came(tmp_path_factory, outputs: list[bytes]) -> None:  # type: ignore[no-untyped-def]
    log = LogFile(tmp_path_factory.mktemp("log") / "stats.log", max_bytes=4_000, older=99)

    with log.open() as writable, open(writable, "wb", buffering=0, closefd=False) as pipe:
        pipe.writelines(outputs)
    log.tail()

    assert b"".join(file.read_bytes() for file in files(log.path)) == b"".join(outputs)
