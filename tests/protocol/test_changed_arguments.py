"""What a call does to its arguments is told, and done to whoever's they are; nothing else is."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from vae_grading.protocol import arguments as told
from vae_grading.protocol.arguments import Arguments, SameTensors, take_over
from vae_grading.protocol.leaves import same
from vae_grading.protocol.values import Encoder
from vae_grading.protocol.wire import _pack, _unpack


def _copies(given_tensors):
    """What arrives of them: leaves of their own."""
    copies = [each.detach().clone() for each in given_tensors]
    return [
        copy.requires_grad_() if each.requires_grad else copy
        for copy, each in zip(copies, given_tensors, strict=True)
    ]


def _watching(copies) -> Arguments:
    found = Arguments()
    for place, copy in enumerate(copies):
        found.add(place, copy)
    found.complete()
    return found


def _changes(watched: Arguments):
    """The fields of the reply, as they arrive, and its tensors."""
    encoder = Encoder(lambda value, encoder: None, lambda value: None)
    fields = json.loads(json.dumps(watched.changes(encoder)))
    return fields, _unpack(memoryview(_pack(encoder.tensors)))


def _call(function, *given_tensors):
    """Call `function` with copies, and take over what it did; what was told."""
    copies = _copies(given_tensors)
    watched = _watching(copies)
    function(*copies)
    fields, tensors = _changes(watched)
    take_over(fields, given_tensors, tensors)
    return fields


def test_a_call_that_does_nothing_to_its_arguments_tells_nothing():
    nan = torch.tensor([torch.nan, 1.0])
    leaf = nn.Parameter(torch.ones(2))
    leaf.grad = torch.ones(2)
    assert _call(lambda *each: sum(part.sum() for part in each), nan, leaf, torch.ones(0)) == {}


def test_other_values_are_told_by_place():
    first, second, third = torch.ones(2), torch.ones(3), torch.ones(4)
    assert _call(lambda a, b, c: b.mul_(2), first, second, third) == {"changed": [[1, 0]]}
    assert (first.sum(), second.sum(), third.sum()) == (2, 6, 4)


def test_only_tensors_that_were_told_of_at_their_places_are_looked_at():
    watched, values = Arguments(), [torch.zeros(2), torch.ones(2)]
    watched.add(7, values[1])
    watched.add(3, values[0])
    watched.complete()
    assert [id(each) for each in watched.all()] == [id(values[1]), id(values[0])]
    values[0].add_(5)
    fields, tensors = _changes(watched)
    assert fields == {"changed": [[3, 0]]}
    assert tensors[0].tolist() == [5, 5]


def test_an_argument_that_is_too_large_is_not_compared(monkeypatch):
    monkeypatch.setattr(told, "MOST_COMPARED", 4)
    within, beyond = torch.ones(4), torch.ones(5)
    assert _call(lambda a, b: (a.mul_(2), b.mul_(2)), within, beyond) == {"changed": [[0, 0]]}
    assert (within.sum(), beyond.sum()) == (8, 5)
    take_over({"changed": [[0, 0]]}, [beyond], [torch.zeros(5)])  # nor is it taken over
    assert beyond.sum() == 5


def _track(x):
    x.requires_grad_()


def _differentiate(x):
    (x.requires_grad_() ** 2).sum().backward()


def _accumulate(x):
    x.grad = (torch.zeros_like(x) if x.grad is None else x.grad) + 1


def _untrack(x):
    x.requires_grad_(False)


def _forget(x):
    x.grad = None


def _double(x):
    with torch.no_grad():
        x.mul_(2)


DEEDS = (_track, _differentiate, _accumulate, _untrack, _forget, _double, torch.Tensor.sum)


@settings(deadline=None)
@given(st.booleans(), st.lists(st.sampled_from(DEEDS), max_size=4))
def test_an_argument_is_afterwards_as_if_it_had_been_given_itself(varied, deeds):
    """Oracle: the same call in one process."""
    itself, across = (torch.arange(3.0).requires_grad_(varied) for _ in range(2))
    for deed in deeds:
        deed(itself)
    fields = _call(lambda x: [deed(x) for deed in deeds], across)
    assert same(across, itself)
    assert across.requires_grad is itself.requires_grad
    assert (across.grad is None) == (itself.grad is None)
    assert itself.grad is None or same(across.grad, itself.grad)
    untouched = itself.tolist() == [0, 1, 2] and itself.requires_grad is varied
    if untouched and itself.grad is None and not deeds:
        assert fields == {}


def test_the_marks_of_a_leaf_are_told():
    assert _call(_track, torch.ones(2)) == {"marked": [[0, -1, True]]}
    assert _call(_differentiate, torch.ones(2)) == {"marked": [[0, 0, True]]}
    assert _call(_untrack, nn.Parameter(torch.ones(2))) == {"marked": [[0, -1, False]]}


def test_a_result_has_no_gradient_of_its_own_to_be_told():
    leaf = torch.ones(2, requires_grad=True)
    result = leaf * 2
    watched = _watching([result])
    result.sum().backward()
    assert _changes(watched)[0] == {}


def test_a_sparse_gradient_is_told():
    table = torch.ones(3, 2, requires_grad=True)
    look_up = nn.functional.embedding
    _call(lambda x: look_up(torch.tensor([1]), x, sparse=True).sum().backward(), table)
    assert table.grad.tolist() == [[0, 0], [1, 1], [0, 0]]


def test_an_argument_that_cannot_have_other_values_keeps_its_own():
    expanded = torch.ones(1).expand(3)
    take_over({"changed": [[0, 0]]}, [expanded], [torch.zeros(3)])
    assert expanded.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    "value",
    [torch.ones(2, dtype=torch.int64), torch.ones(2, requires_grad=True) * 2],
    ids=["integers", "a result"],
)
def test_marks_that_a_tensor_cannot_have_are_none(value):
    before = value.requires_grad
    take_over({"marked": [[0, 0, not before]]}, [value], [torch.ones(2)])
    assert value.requires_grad is before


def test_a_gradient_that_does_not_fit_is_none_and_another_dtype_is_turned():
    value = torch.ones(2)
    take_over({"marked": [[0, 0, True]]}, [value], [torch.ones(3)])
    assert value.grad is None
    take_over({"marked": [[0, 0, True]]}, [value], [torch.ones(2, dtype=torch.int64)])
    assert value.grad.dtype is torch.float32


def test_values_of_another_kind_are_not_taken_over():
    value = torch.ones(2)
    take_over({"changed": [[0, 0]]}, [value], [torch.zeros(2).double()])
    assert value.tolist() == [1, 1]


@pytest.mark.parametrize(
    "changes",
    [
        {"changed": 3},
        {"changed": [[0]]},
        {"changed": [[9, 0]]},
        {"changed": [[0, 9]]},
        {"changed": [["first", 0]]},
        {"changed": None},
        {"marked": 3},
        {"marked": [[0]]},
        {"marked": [[9, -1, True]]},
        {"marked": [[0, 9, True]]},
        {"marked": [[0, None, True]]},
    ],
    ids=str,
)
def test_changes_that_no_arguments_tell_raise(changes):
    value = torch.ones(2)
    with pytest.raises((LookupError, TypeError, ValueError)):
        take_over(changes, [value], [torch.zeros(2)])
    assert value.tolist() == [1, 1]
    assert not value.requires_grad


def test_a_tensor_that_is_given_twice_is_one_tensor():
    giving, receiving = SameTensors(), SameTensors()
    value, other = torch.ones(2), torch.ones(2)
    number = giving.number(value)
    assert giving.number(value) == number != giving.number(other)
    arrived = receiving.received(number, value.clone())
    assert receiving.received(number, value.clone()) is arrived
    assert receiving.received(giving.number(other), other.clone()) is not arrived


def test_a_number_stands_for_one_tensor_as_long_as_the_conversation():
    """Python gives the numbers of dead objects to new ones."""
    giving = SameTensors()
    numbers = [giving.number(torch.ones(2)) for _ in range(100)]
    assert len(set(numbers)) == 100


@pytest.mark.parametrize(
    "deed",
    [lambda x: x.add_(1), lambda x: x.requires_grad_(), lambda x: x.resize_(3).fill_(1)],
    ids=["values", "mark", "shape"],
)
def test_a_tensor_that_was_changed_at_either_end_arrives_anew(deed):
    receiving = SameTensors()
    arrived = receiving.received(1, torch.ones(2))
    deed(arrived)
    anew = receiving.received(1, torch.ones(2))
    assert anew is not arrived
    assert receiving.received(1, torch.ones(2)) is anew
    assert receiving.received(1, torch.zeros(2)) is not anew
    assert receiving.received(1, torch.zeros(2).double()).dtype is torch.float64


def test_a_tensor_that_is_too_large_to_be_kept_has_no_number():
    giving = SameTensors()
    assert giving.number(torch.ones(told.MOST_KEPT)) is not None
    assert giving.number(torch.ones(told.MOST_KEPT + 1)) is None
