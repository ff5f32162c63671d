"""Messages between the judge and a student's process: a JSON tree and the tensors that it names.

A frame is two lengths (8 bytes each, big-endian), UTF-8 JSON, and the tensors one after the other:
of each a byte for its dtype, one for its number of dimensions, its sizes (8 bytes each), and its
values as they lie in memory. Nothing is ever unpickled. Whoever reads sets the bounds, of one frame
and of all frames of a cell: a frame beyond them, or too late, ends the conversation with a
`WireError`.
"""

from __future__ import annotations

import ctypes
import json
import math
import socket
import struct
import time
from typing import Any

import torch
from torch import Tensor

_HEADER = struct.Struct(">QQ")
_TIMEVAL = struct.Struct("@ll")
_CHUNK = 2**16
_TO_JSON = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

# Of one frame. JSON takes about 20 times its length once it is read.
MOST_JSON_BYTES = 4 * 2**20
MOST_TENSOR_BYTES = 64 * 2**20  # of the tensors' own data
MOST_TENSORS = 10_000
# Of one frame's tensors together: in a check each may become 8 bytes, several times over.
MOST_ELEMENTS = 8 * 2**20
LARGEST_SIZE = 2**63 - 1  # in one dimension, where another is 0
# Of all frames of a cell: a process that sends as fast as it can fills no memory with them.
# (The model answers of three labs: at most 0.1 MB, 4 MB and 650 messages.)
MOST_JSON_BYTES_A_CELL = 16 * 2**20
MOST_TENSOR_BYTES_A_CELL = 256 * 2**20
MOST_ELEMENTS_A_CELL = 64 * 2**20
MOST_MESSAGES_A_CELL = 100_000

Message = dict[str, Any]

# What may cross; a place in this list is a dtype's number.
_DTYPES = (
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.complex64,
    torch.complex128,
)
_NUMBERS = {dtype: number for number, dtype in enumerate(_DTYPES)}


class WireError(Exception):
    """The other process broke the rules of the conversation, or is gone."""


class Late(WireError):
    """The other process did not answer in time."""


class Gone(WireError):
    """The other process ended."""


class Wire:
    """One end of a stream socket. Until `begin` is called nothing is bounded but a frame."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._arrived = bytearray()
        self._deadline: float | None = None
        self._waits: dict[int, float] = {}  # what the kernel was told last, by direction
        self._json_left = self._tensors_left = self._elements_left = self._messages_left = math.inf

    def begin(self, seconds: float) -> None:
        """From now on: so many seconds, and as much to receive as one cell may send."""
        self._deadline = time.monotonic() + seconds
        self._json_left, self._tensors_left = MOST_JSON_BYTES_A_CELL, MOST_TENSOR_BYTES_A_CELL
        self._elements_left, self._messages_left = MOST_ELEMENTS_A_CELL, MOST_MESSAGES_A_CELL

    def send(self, message: Message, tensors: list[Tensor]) -> None:
        """Raises Gone or Late, and ValueError for a message beyond the bounds."""
        text, size = _TO_JSON(message).encode(), sum(tensor.nbytes for tensor in tensors)
        elements = sum(tensor.numel() for tensor in tensors)
        # before anything is copied
        if len(text) > MOST_JSON_BYTES or size > MOST_TENSOR_BYTES or elements > MOST_ELEMENTS:
            raise ValueError(
                f"too large to pass on: {len(text) + size:,} bytes, {elements:,} numbers"
            )
        blob = _pack(tensors)
        data = memoryview(b"".join((_HEADER.pack(len(text), len(blob)), text, blob)))
        while data:
            self._limit_waiting(socket.SO_SNDTIMEO)
            try:
                data = data[self._socket.send(data) :]
            except BlockingIOError:
                raise Late("no answer in time") from None
            except OSError as error:
                raise Gone(str(error)) from None

    def receive(self) -> tuple[Message, list[Tensor]]:
        """Raises WireError for anything but a well-formed frame within bounds and deadline."""
        size, blob_size = _HEADER.unpack(self._read(_HEADER.size))
        self._count(size, blob_size)
        body = self._read(size + blob_size)
        try:
            message = json.loads(body[:size])
            tensors = _unpack(memoryview(body)[size:])
        except (ArithmeticError, LookupError, RuntimeError, ValueError, struct.error) as error:
            raise WireError(f"a message that is none: {error}") from None
        if not isinstance(message, dict):
            raise WireError("a message that is no object")
        self._elements_left -= sum(tensor.numel() for tensor in tensors)
        if self._elements_left < 0:
            raise WireError("more numbers than one cell may send")
        return message, tensors

    def close(self) -> None:
        self._socket.close()

    def _count(self, size: int, blob_size: int) -> None:
        if size > MOST_JSON_BYTES or blob_size > MOST_TENSOR_BYTES + MOST_JSON_BYTES:
            raise WireError(f"a message of {size + blob_size:,} bytes")
        self._json_left -= size
        self._tensors_left -= blob_size
        self._messages_left -= 1
        if min(self._json_left, self._tensors_left, self._messages_left) < 0:
            raise WireError("more messages than one cell may send")

    def _read(self, size: int) -> bytes:
        while len(self._arrived) < size:
            self._limit_waiting(socket.SO_RCVTIMEO)
            try:
                part = self._socket.recv(max(_CHUNK, size - len(self._arrived)))
            except BlockingIOError:
                raise Late("no answer in time") from None
            except OSError as error:
                raise Gone(str(error)) from None
            if not part:
                raise Gone("the process ended")
            self._arrived += part
        found = bytes(memoryview(self._arrived)[:size])
        del self._arrived[:size]
        return found

    def _limit_waiting(self, direction: int) -> None:
        if self._deadline is None:
            return
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Late("no answer in time")
        if left <= self._waits.get(direction, math.inf) <= left + 0.5:
            return
        # The kernel's own time limit: with the socket module's, each read would be two calls.
        seconds, fraction = divmod(max(left, 1e-3), 1)
        try:
            limit = _TIMEVAL.pack(int(seconds), int(fraction * 1e6))
            self._socket.setsockopt(socket.SOL_SOCKET, direction, limit)
            self._waits[direction] = left
        except OSError as error:
            raise Gone(str(error)) from None


def _pack(tensors: list[Tensor]) -> bytes:
    """Tensors on the CPU, each contiguous. Raises ValueError for a dtype that does not cross."""
    parts = []
    for tensor in tensors:
        number = _NUMBERS.get(tensor.dtype)
        if number is None:
            raise ValueError(f"a tensor of {tensor.dtype} cannot be passed on")
        parts.append(struct.pack(f">BB{tensor.ndim}Q", number, tensor.ndim, *tensor.shape))
        parts.append(ctypes.string_at(tensor.data_ptr(), tensor.nbytes))
    return b"".join(parts)


def _unpack(blob: memoryview) -> list[Tensor]:
    """Raises ValueError for more than may come at once, and for what `_pack` does not make that or
    ArithmeticError, LookupError, RuntimeError, struct.error."""
    found: list[Tensor] = []
    place = elements = 0
    while place < len(blob):
        dtype, dimensions = _DTYPES[blob[place]], blob[place + 1]
        shape = struct.unpack_from(f">{dimensions}Q", blob, place + 2)
        count = math.prod(shape)
        elements += count
        if len(found) >= MOST_TENSORS or elements > MOST_ELEMENTS:
            raise ValueError("too many tensors, or too many numbers in them")
        if max(shape, default=0) > LARGEST_SIZE:
            raise ValueError("a tensor of a size that there is none of")
        start = place + 2 + 8 * dimensions
        place = start + count * dtype.itemsize
        if place > len(blob):
            raise ValueError("a tensor that is cut short")
        found.append(_tensor(dtype, shape, bytearray(blob[start:place])))
    return found


def _tensor(dtype: torch.dtype, shape: tuple[int, ...], data: bytearray) -> Tensor:
    if not data:
        flat = torch.empty(0, dtype=dtype)
    elif dtype is torch.bool:  # a byte that is neither 0 nor 1 would be true and unequal to true
        flat = torch.frombuffer(data, dtype=torch.uint8) != 0
    else:
        flat = torch.frombuffer(data, dtype=dtype)
    return flat.resize_(shape)  # no view: those refuse detach_()
