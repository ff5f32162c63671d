"""Bounds of the conversation that count numbers, not bytes: a judge makes each of them 8 bytes."""

import contextlib
import socket
import struct

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

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


_SHAPES = st.lists(st.integers(0, 5), max_size=4)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(wires._DTYPES), _SHAPES), max_size=5))
def test_tensors_arrive_as_they_were_sent(kinds):
    sent = []
    for dtype, shape in kinds:
        count = torch.Size(shape).numel()
        values = torch.arange(count) % 2 if dtype is torch.bool else torch.arange(count) - 1
        sent.append(values.to(dtype).reshape(shape))
    found = wires._unpack(memoryview(wires._pack(sent)))
    assert len(found) == len(sent)
    for one, other in zip(found, sent, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert torch.equal(one, other)
        assert not one._is_view()
        assert one.untyped_storage().nbytes() == other.nbytes  # and holds nothing of its neighbors


@settings(deadline=None)
@example(b"\x80" + bytes(7), 52)
@given(st.binary(max_size=200), st.integers(0, 255))
def test_bytes_that_are_no_tensors_are_refused(noise, cut):
    """Whatever comes: well-formed tensors, or one of the errors that `receive` expects."""
    whole = wires._pack([torch.ones(2, 3), torch.zeros(0, 4), torch.tensor(True)])
    for blob in (noise, whole[:cut], whole[:cut] + noise, noise + whole):
        connection = [*socket.socketpair()]
        connection[0].sendall(struct.pack(">QQ", 2, len(blob)) + b"{}" + blob)
        end = Wire(connection[1])
        with contextlib.suppress(WireError):
            assert all(isinstance(each, torch.Tensor) for each in end.receive()[1])
        connection[0].close()
        end.close()


@pytest.mark.parametrize("sizes", [(0, 2**63), (2**64 - 1, 0), (0, 2**62, 2**62, 2**63)])
def test_an_empty_tensor_of_a_size_that_there_is_none_of_is_refused(ends, sizes):
    """It has no numbers that could be too many."""
    blob = struct.pack(f">BB{len(sizes)}Q", 8, len(sizes), *sizes)
    ends[0]._socket.sendall(struct.pack(">QQ", 2, len(blob)) + b"{}" + blob)
    with pytest.raises(WireError, match="a size that there is none of"):
        ends[1].receive()


def test_a_tensor_whose_dtype_does_not_cross_is_not_sent(ends):
    with pytest.raises(ValueError, match="float8_e5m2 cannot be passed on"):
        ends[0].send({}, [torch.zeros(2, dtype=torch.float8_e5m2)])
