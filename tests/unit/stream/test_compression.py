"""Decompression of record batches: every codec in the framing of every client, and never more than the limit."""

from __future__ import annotations

import gzip
import struct

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.stream import compression
from shared.stream.compressed_frames import UNBOUNDED, max_content_bytes
from shared.stream.compression import (
    RecordBatchTooLarge,
    decompress_gzip,
    decompress_lz4,
    decompress_snappy,
    decompress_zstd,
)

XERIAL_HEADER = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)


def raw_snappy(content):
    return bytes(cramjam.snappy.compress_raw(content))


def xerial_snappy(content, block_bytes=100):
    blocks = [raw_snappy(content[start : start + block_bytes]) for start in range(0, len(content), block_bytes)]
    return XERIAL_HEADER + b"".join(struct.pack(">i", len(block)) + block for block in blocks)


def lz4_frame(content, **options):
    compressor = cramjam.lz4.Compressor(**options)
    compressor.compress(content)
    return bytes(compressor.finish())


FRAMINGS = {
    "gzip": (gzip.compress, decompress_gzip),
    "raw snappy": (raw_snappy, decompress_snappy),
    "xerial snappy": (xerial_snappy, decompress_snappy),
    "lz4": (lz4_frame, decompress_lz4),
    "lz4 without checksum, blocks on their own": (
        lambda content: lz4_frame(content, content_checksum=False, block_linked=False),
        decompress_lz4,
    ),
    "zstd": (lambda content: bytes(cramjam.zstd.compress(content)), decompress_zstd),
    "zstd at level 19": (lambda content: bytes(cramjam.zstd.compress(content, level=19)), decompress_zstd),
}
CONTENTS = st.one_of(
    st.binary(max_size=3000), st.builds(lambda part, times: part * times, st.binary(max_size=9), st.integers(0, 2_000))
)


@pytest.mark.parametrize("framing", FRAMINGS)
@given(content=CONTENTS)
def test_every_framing_is_restored(framing, content):
    compress, decompress = FRAMINGS[framing]

    assert decompress(compress(content)) == content
    assert decompress(memoryview(compress(content)).tobytes()) == content


@pytest.mark.parametrize("framing", [name for name in FRAMINGS if name != "raw snappy"])
@given(first=CONTENTS, second=CONTENTS)
def test_frames_may_be_concatenated(framing, first, second):
    compress, decompress = FRAMINGS[framing]

    assert decompress(compress(first) + compress(second)) == first + second


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("content", [b"consumer" * 50_000, bytes(range(256)) * 9], ids=["repetitive", "mixed"])
def test_a_payload_that_is_cut_off_raises(framing, content):
    compress, decompress = FRAMINGS[framing]

    with pytest.raises(Exception):  # noqa: B017 - each codec has errors of its own
        decompress(compress(content)[:-6])


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("excess", [0, 1])
def test_no_more_than_the_limit_is_laid_out_in_memory(framing, excess, monkeypatch):
    monkeypatch.setattr(compression, "MAX_BATCH_BYTES", 300_000)
    compress, decompress = FRAMINGS[framing]
    payload = compress(bytes(300_000 + excess))

    if excess:
        with pytest.raises(RecordBatchTooLarge):
            decompress(payload)
    else:
        assert decompress(payload) == bytes(300_000)


@given(content=CONTENTS)
def test_the_bound_of_a_frame_is_never_below_its_content(content):
    for framing in ("lz4", "zstd", "zstd at level 19", "lz4 without checksum, blocks on their own"):
        compress, _ = FRAMINGS[framing]
        assert len(content) <= max_content_bytes(compress(content)) < UNBOUNDED


def test_a_frame_of_an_unknown_kind_has_no_bound():
    assert max_content_bytes(b"no frame at all") == UNBOUNDED
    assert max_content_bytes(b"\x28\xb5\x2f\xfd") == UNBOUNDED


def test_a_skippable_frame_holds_nothing():
    skippable = struct.pack("<II", 0x184D2A53, 5) + b"12345"

    assert max_content_bytes(skippable) == 0
    assert decompress_zstd(skippable + bytes(cramjam.zstd.compress(b"x"))) == b"x"
