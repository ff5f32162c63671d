"""What crosses by value arrives as what it was, and a tree that is none is a WireError.

Over 350 lines: cases, each read by itself.
"""

import collections
import contextlib
import enum
import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import vae_helpers
from vae_grading.protocol.values import (
    DEEPEST,
    MOST_FIELDS,
    MOST_HASHED,
    MOST_ITEMS,
    Decoder,
    Encoder,
    named_tuple,
    safe_name,
)
from vae_grading.protocol.wire import WireError, _pack, _unpack


def _refused(value, encoder):
    raise ValueError(f"no value: {type(value).__name__}")


def _unknown(tree, decoder):
    raise KeyError(tree["k"])


def _encoder(refer=_refused, tensor=lambda value: None) -> Encoder:
    return Encoder(refer, tensor)


def _decode(tree, tensors=(), resolve=_unknown, tensor=lambda value, tree: value):
    return Decoder(list(tensors), resolve, tensor).decode(tree)


def _crossed(value):
    """What arrives: through JSON, and through the bytes that tensors are sent as."""
    encoder = _encoder()
    tree = json.loads(json.dumps(encoder.encode(value)))
    return _decode(tree, _unpack(memoryview(_pack(encoder.tensors))))


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**256) + 1, 2**256 - 1)
    | st.floats()
    | st.text()
    | st.sampled_from([..., torch.float32, torch.bool, torch.complex64, torch.device("cpu")])
    | st.builds(slice, st.none() | st.integers(), st.integers(), st.none() | st.integers())
    | st.lists(st.integers(0, 9)).map(torch.Size)
)
HASHABLE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
NESTED = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(HASHABLE | st.tuples(HASHABLE), inner)
        | st.sets(HASHABLE)
        | st.frozensets(HASHABLE)
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(NESTED)
def test_a_value_arrives_as_what_it_was(value):
    """Oracle: its type and repr, which tell nan and the signs of zero, in all its depth."""
    found = _crossed(value)
    assert _written(found) == _written(value)


def _written(value) -> str:
    if isinstance(value, (set, frozenset)):
        return f"{type(value)}{sorted(map(_written, value))}"
    if type(value) in (list, tuple):
        return f"{type(value)}{[_written(each) for each in value]}"
    if isinstance(value, dict):
        return f"dict{[(_written(k), _written(v)) for k, v in value.items()]}"
    return f"{type(value)}{value!r}"


DTYPES = (torch.bool, torch.uint8, torch.int64, torch.float16, torch.bfloat16, torch.float32,
          torch.float64, torch.complex64)  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from(DTYPES),
    st.lists(st.integers(0, 3), max_size=3),
    st.sampled_from(["plain", "turned", "expanded", "every second", "conjugate"]),
)
def test_a_tensor_arrives_with_its_dtype_shape_and_numbers(dtype, shape, layout):
    value = torch.arange(math.prod(shape)).reshape(shape).to(dtype)
    value = {
        "plain": lambda: value,
        "turned": lambda: value.permute([*reversed(range(value.ndim))]),
        "expanded": lambda: value.expand(2, *shape),
        "every second": lambda: value[::2] if shape else value,
        "conjugate": lambda: value.conj(),
    }[layout]()
    found = _crossed([value])[0]
    assert type(found) is Tensor
    assert (found.dtype, found.shape) == (value.dtype, value.shape)
    assert torch.equal(found, value)


class Loud(Tensor):
    """Overrides an operator."""

    def __add__(self, other):
        return "loud"


class Rate(float):
    def __float__(self):
        return 1.0

    def __repr__(self):
        return "1.0"


class Colour(enum.IntEnum):
    RED = 3


class Silent(list):
    def __iter__(self):
        return iter(())


class Fixed(dict):
    def items(self):
        return [("a", 1)]


class Name(str):
    def __str__(self):
        return "another"


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (Rate(0.5), 0.5),
        (Colour.RED, 3),
        (Name("this"), "this"),
        (np.str_("this"), "this"),
        (Silent([1, 2]), [1, 2]),
        (Fixed(b=2), {"b": 2}),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.Counter("aa"), {"a": 2}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_a_kind_of_a_plain_value_crosses_as_one(value, arrives):
    found = _crossed([value])[0]
    assert type(found) is type(arrives)
    assert found == arrives


def test_a_tensor_that_overrides_operators_arrives_as_a_tensor():
    for value in (torch.ones(2).as_subclass(Loud), nn.Parameter(torch.ones(2))):
        (found,) = _crossed((value,))
        assert type(found) is Tensor
        assert (found + 1).tolist() == [2, 2]


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6).reshape(2, 3).T,
        np.arange(6)[::-2],
        np.float32(0.1),
        np.bool_(True),
        np.array(3),
        np.zeros((0, 2), dtype=complex),
        np.arange(3).astype(">i4"),
        np.arange(3).astype(">f8")[1],
        np.ma.masked_array([1, 2]),
    ],
    ids=["turned", "backwards", "a number", "a truth", "no dimension", "empty", "bytes turned",
         "a number of bytes turned", "a mask"],
)  # fmt: skip
def test_an_array_arrives_as_an_array_and_a_numpy_number_as_one(value):
    found = _crossed(value)
    expected = value.dtype.type if isinstance(value, np.generic) else np.ndarray
    assert type(found) is expected
    assert found.dtype == value.dtype.newbyteorder("=")
    np.testing.assert_array_equal(found, np.asarray(value))


def test_what_is_no_value_is_referred():
    told = []

    def refer(value, encoder):
        told.append(value)
        return {"k": "object", "id": len(told)}

    values = [print, object(), range(3), b"bytes", np.array(["a"]), np.longdouble(1), nn.Linear]
    encoder = _encoder(refer)
    tree = encoder.encode([*values, 1])
    assert len(told) == len(values)
    assert all(one is other for one, other in zip(told, values, strict=True))
    resolved = _decode(tree, resolve=lambda tree, decoder: values[tree["id"] - 1])
    assert all(one is other for one, other in zip(resolved, [*values, 1], strict=True))


def test_a_tensor_tells_what_it_is_told_to_tell():
    one, other = torch.ones(2), torch.zeros(3)
    fields = {id(one): {"leaf": 1}, id(other): {"same": 7}}
    encoder = _encoder(tensor=lambda value: fields[id(value)])
    told = []
    tree = encoder.encode([one, other])
    assert len(encoder.tensors) == 1  # what is the same needs no data
    _decode(tree, encoder.tensors, tensor=lambda value, tree: told.append((value, tree)) or one)
    assert told[0][0].tolist() == [1, 1]
    assert told[0][1]["leaf"] == 1
    assert told[1] == (None, {"k": "tensor", "same": 7})


def test_gradients_cross_with_the_leaves_that_have_them():
    leaf, plain = nn.Parameter(torch.ones(2)), torch.ones(2)
    (leaf * torch.tensor([2.0, 3.0])).sum().backward()
    found, without = _crossed([leaf, plain])
    assert found.grad.tolist() == [2, 3]
    assert without.grad is None


def test_the_sparse_gradient_of_an_embedding_arrives():
    table = nn.Embedding(3, 2, sparse=True)
    table(torch.tensor([1, 1])).sum().backward()
    assert _crossed([table.weight])[0].grad.tolist() == [[0, 0], [2, 2], [0, 0]]


@pytest.mark.parametrize(
    "value",
    [torch.ones(2, 3, device="meta"), torch.ones(2, 3).to_sparse()],
    ids=["meta", "sparse"],
)
def test_a_tensor_that_has_no_numbers_here_arrives_with_its_shape_and_none(value):
    found = _crossed([value])[0]
    assert found.is_meta
    assert found.shape == (2, 3)


def test_named_tuples_arrive_with_their_names():
    known = [
        kind
        for kind in (getattr(vae_helpers, name) for name in vae_helpers.__all__)
        if isinstance(kind, type) and hasattr(kind, "_fields")
    ]
    assert known  # the helpers' own arrive as what they are
    for kind in known:
        assert type(_crossed(kind(*range(len(kind._fields))))) is kind
    Pair = collections.namedtuple("Pair", "mean spread")
    found = _crossed(Pair(1, [2]))
    assert isinstance(found, tuple)
    assert (type(found).__name__, found.mean, found.spread) == ("Pair", 1, [2])
    assert _crossed(torch.tensor([3.0, 4.0]).max(0)) == (4, 1)  # torch's have none of Python's


def test_a_named_tuple_of_too_many_names_arrives_as_a_tuple():
    """To write and compile its class would take seconds."""
    count = MOST_FIELDS + 1
    Wide = collections.namedtuple("Wide", [f"a{i}" for i in range(count)])
    assert _crossed(Wide(*range(count))) == tuple(range(count))
    assert type(_crossed(Wide(*range(count)))) is tuple
    tree = {"k": "named", "name": "x", "fields": [""] * 1_000_000, "v": []}
    with pytest.raises(WireError, match="1,000,000 names"):
        _decode(tree)


def test_names_that_are_none_become_plain_ones():
    assert [safe_name(name) for name in ("Good", "class", "a b", "", 3, None, [], "x" * 61)] == [
        "Good", *["object"] * 7,
    ]  # fmt: skip
    made = named_tuple("__import__('os')", ("class", "a", "a", "_b", "1"))
    assert made.__name__ == "object"
    assert made._fields == ("_0", "a", "_2", "_3", "_4")


def _nested(depth: int):
    found: object = 1
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("most", "more"),
    [
        (lambda: _nested(DEEPEST), lambda: _nested(DEEPEST + 1)),
        (lambda: [None] * (MOST_ITEMS - 1), lambda: [None] * MOST_ITEMS),
        (lambda: 2**256 - 1, lambda: 2**256),
        (lambda: -(2**256) + 1, lambda: -(2**256)),
        (lambda: set(range(MOST_HASHED)), lambda: set(range(MOST_HASHED + 1))),
        (lambda: frozenset(range(MOST_HASHED)), lambda: frozenset(range(MOST_HASHED + 1))),
        (
            lambda: dict.fromkeys(range(MOST_HASHED)),
            lambda: collections.Counter(range(MOST_HASHED + 1)),
        ),
    ],
    ids=["depth", "items", "integer", "negative", "set", "frozenset", "dictionary"],
)
def test_what_is_sent_is_what_is_taken_and_no_more(most, more):
    """A value that the other end would not take ends no conversation: whoever sends it is told."""
    assert _crossed(most()) == most()
    with pytest.raises(ValueError, match=r"too (deep|large)"):
        _encoder().encode(more())


def test_a_list_that_holds_itself_is_too_deep():
    itself: list = []
    itself.append(itself)
    with pytest.raises(ValueError, match="too deep"):
        _encoder().encode(itself)


def test_the_values_of_a_message_are_counted_together():
    encoder = _encoder()
    encoder.encode([None] * (MOST_ITEMS - 1))
    with pytest.raises(ValueError, match="too large"):
        encoder.encode(None)


KINDS = ("int", "float", "tensor", "elsewhere", "array", "tuple", "list", "set", "frozenset",
         "named", "dict", "size", "dtype", "device", "slice", "ellipsis", "object")  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from("kvi") | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def _hostile(inner):
    """Trees that are nearly right: a known kind, and fields of any kind or none."""
    field = inner | JSON | st.integers(-3, 3) | st.lists(inner | st.lists(inner), max_size=3)
    optional = {name: field for name in ("v", "i", "grad", "shape", "scalar", "name", "fields")}
    kind = st.sampled_from(KINDS) | JSON
    return st.fixed_dictionaries({"k": kind}, optional=optional)


HOSTILE = st.recursive(JSON | _hostile(JSON), _hostile, max_leaves=6)


@settings(deadline=None, max_examples=200)
@given(HOSTILE)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_a_hostile_tree_is_a_value_or_a_wire_error(tree):
    tensors = [torch.ones(2), torch.zeros(()), torch.ones(2, dtype=torch.bfloat16)]
    with contextlib.suppress(WireError):
        _decode(tree, tensors)


@pytest.mark.parametrize(
    "tree",
    [
        3,
        0.5,
        [],
        {},
        {"k": []},
        {"k": "spell"},
        {"k": "int", "v": "9" * 81},
        {"k": "int", "v": "many"},
        {"k": "float", "v": [1]},
        {"k": "tensor", "i": 9},
        {"k": "tensor", "i": 0, "grad": 1},
        {"k": "tensor", "i": 0, "grad": 0},
        {"k": "array", "i": 2, "scalar": False},
        {"k": "elsewhere", "shape": [2**62, 2**62]},
        {"k": "elsewhere", "shape": [-1]},
        {"k": "set", "v": [{"k": "list", "v": []}]},
        {"k": "dict", "v": [[1]]},
        {"k": "dict", "v": [None] * (MOST_HASHED + 1)},
        {"k": "frozenset", "v": [None] * (MOST_HASHED + 1)},
        {"k": "list", "v": [None] * MOST_ITEMS},
        {"k": "named", "name": "x", "fields": ["a"], "v": []},
        {"k": "dtype", "v": "float32.__class__"},
        {"k": "slice", "v": []},
        {"k": "size", "v": ["many"]},
    ],
    ids=lambda tree: str(tree)[:60],
)
def test_a_tree_that_no_encoder_makes_is_refused(tree):
    with pytest.raises(WireError):
        _decode(tree, [torch.ones(2), torch.ones(3), torch.ones(2, dtype=torch.bfloat16)])


def test_a_tree_nested_beyond_all_depth_is_refused():
    tree = None
    for _ in range(100_000):
        tree = {"k": "list", "v": [tree]}
    with pytest.raises(WireError, match="too deep"):
        _decode(tree)


def test_a_wire_error_of_a_resolver_is_passed_on_as_it_is():
    raised = WireError("its own")

    def resolve(tree, decoder):
        raise raised

    with pytest.raises(WireError) as caught:
        _decode({"k": "object"}, resolve=resolve)
    assert caught.value is raised
