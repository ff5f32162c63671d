"""Bounds of the conversation that count numbers, not bytes: a judge makes each of them 8 bytes."""

import socket
import struct

import pytest
import torch

from vae_grading.protocol import wire as wires
from vae_grading.protocol.wire import MOST_ELEMENTS, Wire, WireError


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    made = Wire(ours), Wire(theirs)
    yield made
    for each in made:
        each.close()


def test_a_frame_holds_so_many_numbers_however_small(ends, monkeypatch):
    """A hostile end has no bound on what it sends; the other one refuses to read it."""
    monkeypatch.setattr(wires, "MOST_ELEMENTS", 1000)
    few, many = (torch.zeros(n, dtype=torch.bool) for n in (1000, 1001))
    ends[0].send({}, [few])
    assert ends[1].receive()[1][0].numel() == 1000
    with pytest.raises(ValueError, match="too large to pass on"):
        ends[0].send({}, [many])
    for tensors in ([many], [few, few[:1]]):
        blob = wires._pack(tensors)
        ends[0]._socket.sendall(struct.pack(">QQ", 2, len(blob)) + b"{}" + blob)
        with pytest.raises(WireError, match="too many numbers"):
            ends[1].receive()


def test_a_cell_may_send_so_many_numbers(ends, monkeypatch):
    monkeypatch.setattr(wires, "MOST_ELEMENTS_A_CELL", 2500)
    ends[1].begin(60)
    for _ in range(2):
        ends[0].send({}, [torch.zeros(1000, dtype=torch.bool)])
        ends[1].receive()
    ends[0].send({}, [torch.zeros(1000, dtype=torch.bool)])
    with pytest.raises(WireError, match="more numbers than one cell may send"):
        ends[1].receive()
    ends[1].begin(60)  # the next cell
    ends[0].send({}, [torch.zeros(1000, dtype=torch.bool)])
    ends[1].receive()


def test_all_test_images_of_mnist_may_cross_at_once():
    assert MOST_ELEMENTS >= 10_000 * 784
