"""Messages between the judge and a student's process: a JSON tree and the tensors that it names.

A frame is two lengths (8 bytes each, big-endian), UTF-8 JSON, and a safetensors file. Nothing is
ever unpickled. Whoever reads sets the bounds, of one frame and of all frames of a cell: a frame
beyond them, or too late, ends the conversation with a `WireError`.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from typing import Any

import safetensors
import torch

_HEADER = struct.Struct(">QQ")
_SAFETENSORS_HEADER = struct.Struct("<Q")
_TIMEVAL = struct.Struct("@ll")
_CHUNK = 2**16
_TO_JSON = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

# Of one frame. JSON takes about 20 times its length once it is read.
MOST_JSON_BYTES = 4 * 2**20
MOST_TENSOR_BYTES = 64 * 2**20  # of the tensors' own data
MOST_TENSORS = 10_000
# Of one frame's tensors together: in a check each may become 8 bytes, several times over.
MOST_ELEMENTS = 8 * 2**20
# Of all frames of a cell: a process that sends as fast as it can fills no memory with them.
# (The model answers of three labs: at most 0.1 MB, 4 MB and 650 messages.)
MOST_JSON_BYTES_A_CELL = 16 * 2**20
MOST_TENSOR_BYTES_A_CELL = 256 * 2**20
MOST_ELEMENTS_A_CELL = 64 * 2**20
MOST_MESSAGES_A_CELL = 100_000

Message = dict[str, Any]

# safetensors' names for what may cross.
_DTYPES = {
    "BOOL": torch.bool,
    "U8": torch.uint8,
    "I8": torch.int8,
    "I16": torch.int16,
    "I32": torch.int32,
    "I64": torch.int64,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F32": torch.float32,
    "F64": torch.float64,
    "C64": torch.complex64,
}
_NAMES = {
    dtype: str(dtype).removeprefix("torch.")
    for dtype in vars(torch).values()
    if isinstance(dtype, torch.dtype)
}


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

    def send(self, message: Message, tensors: list[torch.Tensor]) -> None:
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

    def receive(self) -> tuple[Message, list[torch.Tensor]]:
        """Raises WireError for anything but a well-formed frame within bounds and deadline."""
        size, blob_size = _HEADER.unpack(self._read(_HEADER.size))
        self._count(size, blob_size)
        body = self._read(size + blob_size)
        try:
            message = json.loads(body[:size])
            tensors = _unpack(body[size:])
        except (
            ValueError,
            KeyError,
            TypeError,
            RuntimeError,
            safetensors.SafetensorError,
        ) as error:
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


def _pack(tensors: list[torch.Tensor]) -> bytes:
    """A safetensors file of contiguous tensors on the CPU, by number."""
    if not tensors:
        return b""
    specs = {
        str(i): safetensors.TensorSpec(
            dtype=_NAMES[tensor.dtype],
            shape=tensor.shape,
            data_ptr=tensor.data_ptr(),
            data_len=tensor.nbytes,
        )
        for i, tensor in enumerate(tensors)
    }
    return safetensors.serialize(specs)


def _unpack(blob: bytes) -> list[torch.Tensor]:
    if not blob:
        return []
    (header,) = _SAFETENSORS_HEADER.unpack(blob[: _SAFETENSORS_HEADER.size].ljust(8, b"\0"))
    if header > MOST_JSON_BYTES:
        raise ValueError("a head that is too long")
    found = dict(safetensors.deserialize(blob))
    if len(found) > MOST_TENSORS:
        raise ValueError("too many tensors")
    if sum(math.prod(each["shape"]) for each in found.values()) > MOST_ELEMENTS:
        raise ValueError("too many numbers")
    return [_tensor(found[str(i)]) for i in range(len(found))]


def _tensor(found: dict[str, Any]) -> torch.Tensor:
    dtype, data = _DTYPES[found["dtype"]], found["data"]
    if not len(data):
        flat = torch.empty(0, dtype=dtype)
    elif dtype is torch.bool:  # a byte that is neither 0 nor 1 would be true and unequal to true
        flat = torch.frombuffer(data, dtype=torch.uint8) != 0
    else:
        flat = torch.frombuffer(data, dtype=dtype)
    return flat.resize_(found["shape"])  # no view: those refuse detach_()
