"""What may be a password: long enough, and not one that is tried first. Composition is free (NIST SP 800-63B)."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path

from shared.errors import PermanentError

MIN_LENGTH = 12
MAX_LENGTH = 1024
MIN_DISTINCT = 5
MIN_WORD = 4
COMMON = Path(__file__).with_name("common_passwords.txt")
# What stands in no list of English-speaking leaks: this system, and what is typed first on a Chinese keyboard.
OURS = frozenset(
    {"gongshi", "gongshi12315", "xiaofeizhe", "tousu", "woaini", "woaini1314", "mima", "guanliyuan", "shichangjianguan"}
)
LEET = str.maketrans("013457@$!", "oleastasi")
RUNS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
NOT_LETTERS = re.compile(r"[^a-z]+")
ENDS = re.compile(r"^[^a-z]+|[^a-z]+$")


class PasswordFault(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    REPETITIVE = "repetitive"
    COMMON = "common"
    NAME = "name"


SENTENCES = {
    PasswordFault.SHORT: f"A password needs at least {MIN_LENGTH} characters; any, spaces and Chinese included.",
    PasswordFault.LONG: f"A password has at most {MAX_LENGTH} characters.",
    PasswordFault.REPETITIVE: "This password is a few characters again and again.",
    PasswordFault.COMMON: "This password is one that is tried first: a common one with something before or behind it.",
    PasswordFault.NAME: "This password is little more than the account's name.",
}


class WeakPassword(PermanentError):
    """This password is refused."""

    def __init__(self, fault: PasswordFault) -> None:
        super().__init__(SENTENCES[fault])
        self.fault = fault


def check_password(password: str, *names: str) -> None:
    """Raise `WeakPassword` for one that is refused. `names`: those of the account and its person."""
    if fault := find_fault(password, *names):
        raise WeakPassword(fault)


def find_fault(password: str, *names: str) -> PasswordFault | None:
    """Return why a password is refused, or None."""
    if len(password) < MIN_LENGTH:
        return PasswordFault.SHORT
    if len(password) > MAX_LENGTH:
        return PasswordFault.LONG
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(set(plain)) < MIN_DISTINCT or any(plain in run * 9 or plain in run[::-1] * 9 for run in RUNS):
        return PasswordFault.REPETITIVE
    words = _words_in(plain)
    if any(word in words for name in names if (word := NOT_LETTERS.sub("", name.casefold()))):
        return PasswordFault.NAME
    if not words.isdisjoint(_common_passwords()):
        return PasswordFault.COMMON
    return None


def _words_in(plain: str) -> set[str]:
    """Return what a password comes to: as it is, and its letters alone, with digits read as the letters that they stand for.

    Letters alone only where the rest is the smaller part: four words with a number between them are a good password.
    """
    letters = NOT_LETTERS.sub("", plain)
    spoken = NOT_LETTERS.sub("", ENDS.sub("", plain).translate(LEET))
    halves = {plain[: len(plain) // 2]} if plain[: len(plain) // 2] * 2 == plain else set()
    return {plain, *halves, *(word for word in (letters, spoken) if len(word) >= MIN_WORD)}


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(COMMON.read_text("utf-8").split()) | OURS
