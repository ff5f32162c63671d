"""Two ends whose leaves are in step: what one does to a tensor, the other's has as well."""

import itertools
import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from vae_grading.protocol import leaves as in_step
from vae_grading.protocol.leaves import Leaves, overwrite, same
from vae_grading.protocol.values import Encoder
from vae_grading.protocol.wire import WireError, _pack, _unpack


class Ends:
    """Two ends; `here` counts its numbers from 1, `there` from 1 as well."""

    def __init__(self) -> None:
        self.here, self.there = Leaves(), Leaves()
        self._numbers = {id(each): itertools.count(1) for each in (self.here, self.there)}

    def pass_on(self, value, *, back=False, share=False):
        """The tensor that arrives at the other end for one that is given here."""
        sender, receiver = self._direction(back)
        tell = sender.share if share else sender.fields
        encoder = _encoder(lambda each: tell(each, lambda: next(self._numbers[id(sender)])))
        tree, tensors = _sent(encoder.encode(value), encoder)
        data = tensors[tree["i"]] if "i" in tree else None
        if "grad" in tree:
            data.grad = tensors[tree["grad"]]
        return receiver.received(data, tree)

    def message(self, *, back=False) -> int:
        """Send news; how many there are."""
        sender, receiver = self._direction(back)
        encoder = _encoder()
        news, tensors = _sent(sender.news(encoder), encoder)
        receiver.update(news, tensors)
        return len(news)

    def _direction(self, back):
        return (self.there, self.here) if back else (self.here, self.there)


def _encoder(tensor=lambda value: None) -> Encoder:
    return Encoder(lambda value, encoder: None, tensor)


def _sent(tree, encoder):
    return json.loads(json.dumps(tree)), _unpack(memoryview(_pack(encoder.tensors)))


def _equal(one, other) -> bool:
    grads = (one.grad is None) == (other.grad is None)
    return (
        grads
        and (one.grad is None or same(one.grad.to_dense(), other.grad.to_dense()))
        and same(one, other)
        and one.requires_grad is other.requires_grad
    )


@pytest.fixture
def ends() -> Ends:
    return Ends()


@pytest.fixture
def pair(ends):
    """A parameter here, and its mirror there."""
    ours = nn.Parameter(torch.arange(3.0))
    return ours, ends.pass_on(ours)


def test_a_leaf_has_one_mirror_that_is_what_it_is(ends):
    parameter, leaf = nn.Parameter(torch.ones(2)), torch.zeros(3).requires_grad_()
    leaf.grad = torch.full((3,), 2.0)
    mirror = ends.pass_on(parameter)
    assert type(mirror) is nn.Parameter
    assert type(ends.pass_on(leaf)) is torch.Tensor
    for value in (parameter, leaf):
        assert _equal(value, ends.pass_on(value))
        assert ends.pass_on(value) is ends.pass_on(value)
        assert ends.pass_on(ends.pass_on(value), back=True) is value
    assert ends.message() == ends.message(back=True) == 0


def test_a_plain_tensor_and_a_result_have_no_mirror(ends):
    result = torch.ones(2, requires_grad=True) * 2
    for value in (torch.ones(2), result, torch.ones(2, requires_grad=True, device="meta")):
        assert ends.here.fields(value, lambda: 1) == {}
    assert ends.here.ours == {}


def test_a_tensor_that_is_shared_is_in_step_even_if_it_is_no_leaf_of_a_graph(ends):
    """A module's buffers, and parameters that are fixed."""
    counts, fixed = torch.tensor(3), nn.Parameter(torch.ones(2), requires_grad=False)
    for value in (counts, fixed):
        mirror = ends.pass_on(value, share=True)
        assert type(mirror) is type(value)
        assert not mirror.requires_grad
        value.add_(1)
        assert ends.message() == 1
        assert _equal(value, mirror)
        assert ends.pass_on(value) is mirror  # from now on, however it is passed on


def test_both_ends_may_hand_out_the_same_number(ends):
    ours = torch.ones(2, requires_grad=True)
    theirs = torch.zeros(3, requires_grad=True)
    mirror, other_mirror = ends.pass_on(ours), ends.pass_on(theirs, back=True)
    assert ends.here.ours.keys() == ends.there.ours.keys() == {1}
    with torch.no_grad():
        ours.add_(1)
        theirs.sub_(1)
    assert ends.message() == ends.message(back=True) == 1
    assert mirror.tolist() == [2, 2]
    assert other_mirror.tolist() == [-1, -1, -1]
    assert ends.here.mirror_of(other_mirror) == 1
    assert ends.here.mirror_of(ours) is None


def _turn(leaf, dtype):
    leaf.grad, leaf.data = None, leaf.data.to(dtype)


CHANGES = {
    "other values": lambda leaf: leaf.data.add_(1),
    "not a number": lambda leaf: leaf.data.fill_(torch.nan),
    "a gradient": lambda leaf: setattr(leaf, "grad", torch.full_like(leaf, 3)),
    "a gradient in place": lambda leaf: leaf.grad is not None and leaf.grad.mul_(2),
    "no gradient": lambda leaf: setattr(leaf, "grad", None),
    "fixed": lambda leaf: leaf.requires_grad_(False),
    "varied": lambda leaf: leaf.requires_grad_(True),
    "halved": lambda leaf: _turn(leaf, torch.float16),
    "doubled": lambda leaf: _turn(leaf, torch.float64),
    "other data": lambda leaf: setattr(leaf, "data", leaf.data.clone() * 2),
}


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(CHANGES))), max_size=8))
def test_whatever_is_done_at_whichever_end_both_have_it_after_a_message(steps):
    ends = Ends()
    ours = nn.Parameter(torch.arange(3.0))
    mirror = ends.pass_on(ours)
    for back, change in steps:
        CHANGES[change](mirror if back else ours)
        assert ends.message(back=back) <= 1
        assert _equal(ours, mirror)
        assert ends.message() == ends.message(back=True) == 0  # said once


def test_what_nobody_changed_is_no_news_not_even_nan(ends):
    ours = nn.Parameter(torch.tensor([torch.nan, 1.0]))
    ours.grad = torch.tensor([torch.nan, 2.0])
    ends.pass_on(ours)
    assert ends.message() == ends.message(back=True) == 0


def test_a_training_step_at_one_end_is_one_at_the_other(ends, pair):
    ours, mirror = pair
    optimizer = torch.optim.SGD([mirror], lr=0.5)
    (mirror**2).sum().backward()
    optimizer.step()
    assert ends.message(back=True) == 1
    assert ours.tolist() == [0, 0, 0]
    assert ours.grad.tolist() == [0, 2, 4]


def test_the_sparse_gradient_of_an_embedding_is_passed_on(ends):
    table = nn.Embedding(3, 2, sparse=True)
    mirror = ends.pass_on(table.weight)
    table(torch.tensor([1, 1])).sum().backward()
    assert ends.message() == 1
    assert mirror.grad.tolist() == [[0, 0], [2, 2], [0, 0]]
    assert ends.message() == 0


def test_what_is_put_in_a_mirrors_place_is_the_mirror_from_then_on(ends, pair):
    ours, mirror = pair
    instead = nn.Parameter(torch.full((3,), 7.0))
    ends.there.replace(1, instead)
    assert ends.there.mirror_of(mirror) is None
    assert ends.there.mirror_of(instead) == 1
    assert ends.message(back=True) == 1
    assert ours.tolist() == [7, 7, 7]
    assert ends.pass_on(ours) is instead


def _news(**fields) -> list[dict]:
    return [{"side": "mirror", "id": 1, "data": 0, "varied": True} | fields]


@pytest.mark.parametrize(
    ("news", "tensors"),
    [
        (_news(id=9), [torch.ones(3)]),
        (_news(), [torch.ones(4)]),
        (_news(), [torch.ones(3, 1)]),
        (_news(), [torch.ones(3, dtype=torch.int64)]),
        (_news(), [torch.ones(3, dtype=torch.complex64)]),
        (_news(side="leaf"), [torch.ones(3)]),
        (_news(side="both"), [torch.ones(3)]),
    ],
    ids=["no such leaf", "longer", "turned", "integers", "complex", "their side", "no side"],
)
def test_news_that_do_not_fit_change_nothing(ends, pair, news, tensors):
    ours, mirror = pair
    ends.here.update(news, tensors)
    assert ours.tolist() == mirror.tolist() == [0, 1, 2]
    assert ours.dtype is torch.float32


@pytest.mark.parametrize("grad", [torch.ones(4), torch.ones(3).double(), torch.ones(3).long()])
def test_a_gradient_that_does_not_fit_is_none(ends, pair, grad):
    ours, _ = pair
    ends.here.update(_news(grad=1), [torch.ones(3), grad])
    assert ours.tolist() == [1, 1, 1]
    assert ours.grad is None


@pytest.mark.parametrize(
    "news",
    [
        5,
        [5],
        [{}],
        *(_news(**each) for each in ({"data": 4}, {"data": "x"}, {"id": []}, {"grad": 4})),
    ],
    ids=str,
)
def test_news_that_are_none_raise(ends, pair, news):
    with pytest.raises((LookupError, TypeError, ValueError)):
        ends.here.update(news, [torch.ones(3)])


@pytest.mark.parametrize(
    ("value", "tree", "raises"),
    [
        (None, {}, WireError),
        (None, {"leaf": 1}, WireError),
        (torch.ones(1), {"same": 99}, KeyError),
        (torch.ones(1), {"same": -1}, KeyError),
        (torch.ones(1), {"leaf": "first"}, ValueError),
        (torch.ones(1).long(), {"leaf": 1, "parameter": True}, RuntimeError),
        (torch.ones(1).long(), {"leaf": 1}, RuntimeError),
        (torch.ones(1).long(), {"g": True}, RuntimeError),
    ],
)
def test_a_tensor_that_cannot_be_one_is_refused(ends, value, tree, raises):
    with pytest.raises(raises):
        ends.here.received(value, tree)
    assert ends.here.mirrors == {}


def test_a_tensor_that_needs_a_gradient_but_no_mirror_arrives_so(ends):
    assert ends.here.received(torch.ones(2), {"g": True}).requires_grad
    assert not ends.here.received(torch.ones(2), {}).requires_grad
    assert ends.here.mirrors == {}


def test_there_are_so_many_mirrors_and_no_more(ends, monkeypatch):
    monkeypatch.setattr(in_step, "MOST_MIRRORS", 3)
    for number in (1, 2, 3, 3, 1):
        ends.here.received(torch.ones(1), {"leaf": number})
    with pytest.raises(WireError, match="too many parameters"):
        ends.here.received(torch.ones(1), {"leaf": 4})


def test_same_is_every_value_and_nan_is_nan():
    nan = torch.tensor([torch.nan, 1])
    assert same(nan, nan.clone())
    assert not same(nan, torch.tensor([1, torch.nan]))
    assert not same(torch.ones(2), torch.ones(2).double())
    assert not same(torch.ones(2), torch.ones(1))
    assert same(torch.ones(0), torch.ones(0))
    assert same(torch.tensor([True]), torch.tensor([True]))
    assert same(torch.tensor([complex(torch.nan, 1)]), torch.tensor([complex(torch.nan, 1)]))
    assert same(torch.zeros(1), -torch.zeros(1))


def test_overwrite_gives_other_values_where_a_tensor_can_have_them():
    for target in (torch.zeros(3), nn.Parameter(torch.zeros(3)), torch.zeros(3, 2)[:, 0]):
        version = target._version
        overwrite(target, torch.ones(3))
        assert target.tolist() == [1, 1, 1]
        assert target._version == version  # behind autograd's back
    expanded = torch.zeros(1).expand(3)
    overwrite(expanded, torch.arange(3.0))
    assert expanded.tolist() == [0, 0, 0]
    overwrite(target := torch.zeros(3), torch.ones(3).double())
    assert target.tolist() == [0, 0, 0]
    overwrite(target, torch.ones(2, 2))  # resized by whoever was given it
    assert target.tolist() == [[1, 1], [1, 1]]
