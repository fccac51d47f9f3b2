"""Decompression of record batches: the four codecs of Kafka in the framing of every client, with a limit on the size.

gzip, LZ4 frames and zstd frames are written alike by all clients. Snappy has two forms: a raw block (librdkafka, franz-go), and
the xerial stream (Java, sarama, kafkajs): a header of 16 bytes, then blocks preceded by their length.
"""

from __future__ import annotations

import struct
import zlib
from types import ModuleType
from typing import Any

import cramjam
from aiokafka.record import default_records
from aiokafka.record._crecords import default_records as compiled_records

from shared.stream.compressed_frames import max_content_bytes

# A batch is at most 2 MiB on the wire and JSON compresses to about a tenth: more is a mistake or an attack on memory.
MAX_BATCH_BYTES = 32 * 1024 * 1024
GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS

XERIAL_MAGIC = b"\x82SNAPPY\x00"
XERIAL_HEADER_BYTES = 16
_BLOCK_LENGTH = struct.Struct(">I")


class RecordBatchTooLarge(ValueError):
    """The batch decompresses to more than 32 MiB."""


def install_codecs() -> None:
    """Let aiokafka decompress by the functions below, which know every framing and a limit."""
    for module in (default_records, compiled_records):
        module.gzip_decode = decompress_gzip
        module.snappy_decode = decompress_snappy
        module.lz4_decode = decompress_lz4
        module.zstd_decode = decompress_zstd


def decompress_gzip(payload: bytes) -> bytes:
    """Return the content of one or more gzip members. Raises `zlib.error`, `EOFError` and `RecordBatchTooLarge`."""
    content = bytearray()
    rest = bytes(payload)
    while rest:
        member = zlib.decompressobj(wbits=GZIP_WINDOW_BITS)
        content += member.decompress(rest, MAX_BATCH_BYTES - len(content) + 1)
        if len(content) > MAX_BATCH_BYTES:
            raise RecordBatchTooLarge
        if not member.eof:
            raise EOFError("the gzip stream is cut off")
        rest = member.unused_data
    return bytes(content)


def decompress_snappy(payload: bytes) -> bytes:
    """Return the content of a raw Snappy block or a xerial stream. Raises `DecompressionError` and `RecordBatchTooLarge`."""
    view = memoryview(payload)
    if view[: len(XERIAL_MAGIC)] != XERIAL_MAGIC:
        return _decompress_block(view, MAX_BATCH_BYTES)
    content = bytearray()
    start = 0
    while start < len(view):
        if view[start : start + len(XERIAL_MAGIC)] == XERIAL_MAGIC:  # streams may be concatenated
            start += XERIAL_HEADER_BYTES
            continue
        (length,) = _BLOCK_LENGTH.unpack_from(view, start)
        start += _BLOCK_LENGTH.size
        if start + length > len(view):
            raise EOFError("the snappy stream is cut off")
        content += _decompress_block(view[start : start + length], MAX_BATCH_BYTES - len(content))
        start += length
    return bytes(content)


def _decompress_block(block: memoryview, max_bytes: int) -> bytes:
    if cramjam.snappy.decompress_raw_len(block) > max_bytes:
        raise RecordBatchTooLarge
    return bytes(cramjam.snappy.decompress_raw(block))


def decompress_lz4(payload: bytes) -> bytes:
    """Return the content of LZ4 frames. Raises `DecompressionError` and `RecordBatchTooLarge`."""
    return _decompress_frames(cramjam.lz4, payload)


def decompress_zstd(payload: bytes) -> bytes:
    """Return the content of zstd frames. Raises `DecompressionError` and `RecordBatchTooLarge`."""
    return _decompress_frames(cramjam.zstd, payload)


def _decompress_frames(codec: ModuleType | Any, payload: bytes) -> bytes:
    if max_content_bytes(payload) <= MAX_BATCH_BYTES:
        return bytes(codec.decompress(payload))
    content = bytearray(MAX_BATCH_BYTES)
    try:
        length = codec.decompress_into(payload, content)
    except cramjam.DecompressionError:
        # A write beyond the end fails. What is broken and may hold as much as that is not read again either.
        raise RecordBatchTooLarge from None
    return bytes(memoryview(content)[:length])
