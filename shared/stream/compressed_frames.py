"""How much a compressed frame can hold, from the headers of its blocks alone (LZ4 frame format 1.6, zstd RFC 8878)."""

from __future__ import annotations

import struct

UNBOUNDED = 1 << 62

_UINT32 = struct.Struct("<I")
LZ4_MAGIC = 0x184D2204
LZ4_MAX_RATIO = 255
LZ4_BLOCK_BYTES = {4: 64 * 1024, 5: 256 * 1024, 6: 1024 * 1024, 7: 4 * 1024 * 1024}
ZSTD_MAGIC = 0xFD2FB528
ZSTD_BLOCK_BYTES = 128 * 1024
ZSTD_RAW, ZSTD_RLE = 0, 1
SKIPPABLE_MAGIC, SKIPPABLE_MASK = 0x184D2A50, 0xFFFFFFF0

Bound = tuple[int, int]
"""The most bytes that a frame holds, and where the next frame begins."""


def max_content_bytes(payload: bytes) -> int:
    """Return an upper bound of the bytes that LZ4 or zstd frames decompress to; `UNBOUNDED` where they cannot be followed."""
    total = start = 0
    try:
        while start < len(payload):
            most, start = _bound_frame(payload, start)
            total += most
    except (struct.error, IndexError, KeyError, ValueError):
        return UNBOUNDED
    return total


def _bound_frame(payload: bytes, start: int) -> Bound:
    (magic,) = _UINT32.unpack_from(payload, start)
    if magic == LZ4_MAGIC:
        return _bound_lz4(payload, start + 4)
    if magic == ZSTD_MAGIC:
        return _bound_zstd(payload, start + 4)
    if magic & SKIPPABLE_MASK == SKIPPABLE_MAGIC:
        (length,) = _UINT32.unpack_from(payload, start + 4)
        return 0, start + 8 + length
    raise ValueError(f"no frame begins with {magic:#x}")


def _bound_lz4(payload: bytes, start: int) -> Bound:
    flags, block_bytes = payload[start], LZ4_BLOCK_BYTES[payload[start + 1] >> 4 & 7]
    block_checksum, content_size, content_checksum, dictionary = (flags >> bit & 1 for bit in (4, 3, 2, 0))
    start += 3 + 8 * content_size + 4 * dictionary
    most = 0
    while True:
        (size,) = _UINT32.unpack_from(payload, start)
        start += 4
        if size == 0:
            return most, start + 4 * content_checksum
        stored, length = size >> 31, size & 0x7FFFFFFF
        most += length if stored else min(block_bytes, length * LZ4_MAX_RATIO)
        start += length + 4 * block_checksum


def _bound_zstd(payload: bytes, start: int) -> Bound:
    descriptor = payload[start]
    single_segment = descriptor >> 5 & 1
    size_bytes = (single_segment, 2, 4, 8)[descriptor >> 6]
    start += 1 + (1 - single_segment) + (0, 1, 2, 4)[descriptor & 3] + size_bytes
    most = 0
    while True:
        header = int.from_bytes(payload[start : start + 3], "little")
        if start + 3 > len(payload):
            raise ValueError("the frame is cut off")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        most += size if kind in {ZSTD_RAW, ZSTD_RLE} else ZSTD_BLOCK_BYTES
        start += 3 + (1 if kind == ZSTD_RLE else size)
        if last:
            return most, start + 4 * (descriptor >> 2 & 1)
