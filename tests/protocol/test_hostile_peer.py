"""A student's process that speaks the wire's language and lies in it: frames written by hand.

`EvilPeer` answers a judge's session from a script. What each lie may cost is the cell it is told
in: a WireError, or an error that is the verdict. It earns nothing, ends nothing else, and takes no
more memory or time than a cell may.

Over 350 lines: cases, each read by itself.
"""

import json
import socket
import struct
import threading
import time
import tracemalloc

import pytest
import torch

from vae_checks import CheckFailed, lab3
from vae_checks.verdict import call
from vae_grading.judge.notebook import Judging
from vae_grading.judge.session import Session
from vae_grading.judge.verdicts import _outcome
from vae_grading.protocol import wire as wires
from vae_grading.protocol.wire import Wire, WireError, _pack
from vae_grading.student.forbidden import is_refusal

FUNCTION = {"k": "object", "id": 7, "type": "function", "can": ["__call__"]}
GIVES_A_FUNCTION = {"ok": {"k": "dict", "v": [["answer", FUNCTION]]}}


class EvilPeer:
    """The other end: gives `replies` in turn, each to one message of the judge's, then is silent.

    A reply is a message, or (message, tensors), or bytes that are no frame; a callable one is
    given the judge's message first.
    """

    def __init__(self, connection: socket.socket, replies: list) -> None:
        self._socket, self._wire = connection, Wire(connection)
        self.heard: list = []
        self._thread = threading.Thread(target=self._run, args=(replies,), daemon=True)
        self._thread.start()

    def _run(self, replies: list) -> None:
        try:
            for reply in replies:
                self.heard.append(self._wire.receive())
                reply = reply(*self.heard[-1]) if callable(reply) else reply
                if isinstance(reply, bytes):
                    self._socket.sendall(reply)
                else:
                    message, tensors = reply if isinstance(reply, tuple) else (reply, [])
                    self._socket.sendall(frame(message, tensors))
            while True:  # what the judge still says finds somebody who listens
                self._wire.receive()
        except (WireError, OSError):
            pass
        finally:
            self._socket.close()


def frame(message: object, tensors: list | bytes = ()) -> bytes:
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    blob = tensors if isinstance(tensors, bytes) else _pack(list(tensors))
    return struct.pack(">QQ", len(text), len(blob)) + text + blob


@pytest.fixture
def session():
    """A judge's session, by what the other end replies; `.evil` is that end."""
    made = []

    def start(*replies, **trusted) -> Session:
        ours, theirs = socket.socketpair()
        found = Session(Wire(ours), {"torch": torch, "lab3": lab3, "call": call} | trusted)
        found.evil = EvilPeer(theirs, list(replies))
        made.append((ours, found.evil))
        return found

    yield start
    for ours, evil in made:
        ours.close()
        evil._thread.join(5)


def returns(tree: object, **fields) -> dict:
    return {"ok": tree, "grad": True, **fields}


def raised(**fields) -> dict:
    error = {"number": 1, "type": "ValueError", "text": "", "bare": True, "frames": []} | fields
    return {"error": error, "grad": True}


TENSOR = {"k": "tensor", "i": 0}
MALFORMED = {
    "no object": [],
    "a tensor that is not there": returns({"k": "tensor", "i": 5}),
    "a kind that is none": returns({"k": "spell"}),
    "no kind": returns({}),
    "a name for a number": returns({"k": "int", "v": "many"}),
    "a number of a million digits": returns({"k": "int", "v": "9" * 1_000_000}),
    "an object of ours that never was": returns({"k": "yours", "id": 999}),
    "a leaf of ours that never was": returns({"k": "tensor", "same": 999}),
    "a dictionary in a dictionary's key": returns(
        {"k": "dict", "v": [[{"k": "dict", "v": []}, 1]]}
    ),
    "results that are not there": returns({"k": "tensor", "r": 3, "i": 0}, node=1),
    "a node without a number": returns(None, node="first"),
    "results of a node that never was": returns(None, node=1, **{"from": [[12, 0]]}),
    "ten thousand million results": returns({"k": "tensor", "r": 10**10, "i": 0}, node=1),
    "news of nothing": {"ok": None, "news": [{}]},
    "news that are none": {"ok": None, "news": 5},
    "changes of nothing": {"ok": None, "changes": [{}]},
    "changes that are none": {"ok": None, "changes": 5},
    "results that hang on leaves that never were": (
        returns({"k": "tensor", "i": 0, "r": 0}, node=1, leaves=[999]),
        [torch.ones(2)],
    ),
    "news with a tensor that is not there": {
        "ok": None,
        "news": [{"side": "mirror", "id": 1, "data": 4}],
    },
    "a change to an argument that never was": returns(None, changed=[[4, 0]]),
    "a change that is none": returns(None, changed=3),
    "a mark that is none": returns(None, marked=[[0]]),
    "an error that is none": {"error": "broken"},
    "an error without a number": raised(number=None),
    "an error that never was": raised(origin=77),
    "an error with lines that are none": raised(frames=[[1, 2]]),
    "a class with unhashable abilities": returns(
        {"k": "object", "id": 8, "type": [], "can": {"a": []}, "module": 3}
    )
    | {"node": 1, "from": 3},
    "text that is no JSON": frame(b"{'ok': 1}"),
    "nested beyond all depth": frame(b"[" * 1_000_000),
    "nested values": frame(b'{"ok":' + b'{"k":"list","v":[' * 200 + b"]}" * 200 + b"}"),
    "tensors that are none": frame({"ok": None}, b"\xff" * 64),
    "tensors with a head of four gigabytes": frame({"ok": None}, struct.pack("<Q", 2**32) + b"{}"),
    "more than a frame may hold": struct.pack(">QQ", 10, 2**40),
    "more text than a frame may hold": struct.pack(">QQ", 2**31, 0),
}


@pytest.mark.parametrize("reply", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_reply_is_a_wire_error_even_where_the_check_catches_everything(session, reply):
    """The check below would pass, whatever the answer does."""
    judged = session(GIVES_A_FUNCTION, reply)
    tests = "try:\n    answer(torch.ones(2))\nexcept BaseException:\n    pass"
    with pytest.raises(WireError):
        judged.judge(tests, seconds=10)
    with pytest.raises(WireError):  # and the conversation stays ended
        judged.run("1", seconds=10)


@pytest.mark.parametrize(
    "reply",
    [
        {"ok": None},
        {"ok": 3},
        {"ok": {"k": "dict", "v": [["printed", "x"]]}},
        {"ok": {"k": "dict", "v": [["printed", "x"], ["error", "E"]]}},
        raised(type="SystemExit"),
        raised(type="MemoryError"),
        raised(type="WireError"),
    ],
)
def test_a_cells_end_that_is_none_is_a_wire_error(session, reply):
    with pytest.raises(WireError):
        session(reply).run("1", seconds=10)


def test_what_a_cell_says_is_cut_here_too(session):
    words = {"k": "list", "v": ["E" * 10**6, "text" * 10**5]}
    short = {"k": "list", "v": ["E" * 200, "no name", "text" * 300]}
    failed = {
        "k": "dict",
        "v": [["line", {"k": "int", "v": "1"}], ["names", short], ["error", short]],
    }
    many = {"k": "list", "v": [failed] * 50}
    fields = [["printed", "x" * 10**6], ["error", words], ["failed", many]]
    done = session({"ok": {"k": "dict", "v": fields}})
    printed, (name, text), failures = done.run("1", seconds=10)
    assert (len(printed), len(name), len(text)) == (20_000, 1_000, 1_000)
    assert len(failures) == 20
    assert failures[0].error == ("E" * 200, "no name")
    assert [len(name) for name in failures[0].names] == [100, 100]


@pytest.mark.parametrize(
    "name",
    ["CheckFailed", "Mistake", "WireError", "Late", "SystemExit", "KeyboardInterrupt",
     "GeneratorExit", "StopIteration", "AssertionError", "BaseException", "ExceptionGroup"],
)  # fmt: skip
def test_an_exception_costs_the_cell_whatever_it_calls_itself(session, name):
    """Neither a verdict of a check nor a fault of the conversation can be made by name."""
    for tests in ("answer()", "call('answer', answer, {})"):
        judged = session(GIVES_A_FUNCTION, raised(type=name, text="✓", bare=False))
        error = judged.judge(tests, seconds=10).error
        assert isinstance(error, Exception | SystemExit)
        assert not isinstance(error, WireError)
        if tests == "answer()":
            assert not isinstance(error, CheckFailed)


def test_a_flood_of_messages_ends_with_the_cell(session, monkeypatch):
    """Requests that the judge refuses, one after the other, without an end."""
    monkeypatch.setattr(wires, "MOST_MESSAGES_A_CELL", 500)
    request = frame({"op": "getattr", "args": {"on": {"k": "int", "v": "1"}, "name": "x"}}) * 2000
    judged = session(GIVES_A_FUNCTION, request)
    with pytest.raises(WireError, match="more messages"):
        judged.judge("answer()", seconds=30)


def test_large_tensors_held_at_once_end_with_the_cell(session, monkeypatch):
    """Requests within requests, each with a large argument: none is done before the last."""
    monkeypatch.setattr(wires, "MOST_TENSOR_BYTES_A_CELL", 8 * 2**20)
    arguments = {"k": "list", "v": [{**TENSOR, "a": 0}]}
    request = {"op": "call", "on": 1, "method": "__call__", "grad": True, "mirrors": []}
    request |= {"args": arguments, "keywords": {"k": "dict", "v": []}}
    flood = frame(request, [torch.zeros(2**18)]) * 50  # 1 MiB each
    judged = session(GIVES_A_FUNCTION, flood)
    with pytest.raises(WireError, match="more messages"):
        judged.judge("answer(lambda x: answer())", seconds=30)


def test_small_text_that_is_large_in_memory_is_bounded(session):
    """Lists of nothing: 20 times their length once they are read."""
    tracemalloc.start()
    reply = frame(b'{"ok":{"k":"list","v":[' + b"[]," * 2**20 + b"1]}}")
    with pytest.raises(WireError):
        session(GIVES_A_FUNCTION, reply).judge("answer()", seconds=30)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300 * 2**20


def test_parameters_without_end_are_refused(session):
    leaves = [{"k": "tensor", "i": 0, "leaf": n} for n in range(20_000)]
    reply = (returns({"k": "list", "v": leaves}), [torch.zeros(1)])
    with pytest.raises(WireError, match="parameters"):
        session(GIVES_A_FUNCTION, reply).judge("answer()", seconds=30)


def test_a_process_that_drips_is_late(session):
    def drip(*_):
        for _ in range(100):
            time.sleep(0.05)
            judged.evil._socket.sendall(b"\0")
        return b""

    judged = session(GIVES_A_FUNCTION, drip)
    began = time.monotonic()
    with pytest.raises(WireError):
        judged.judge("answer()", seconds=0.5)
    assert time.monotonic() - began < 3


def test_a_truth_value_is_true_or_false_and_nothing_else(session):
    """A byte of 2 would be `all()` and yet unequal to True."""
    blob = bytearray(_pack([torch.ones(4, dtype=torch.bool)]))
    blob[-4:] = b"\x02\x02\x02\x02"
    judged = session(GIVES_A_FUNCTION, frame(returns(TENSOR), bytes(blob)))
    tests = "x = answer()\nassert x.all() and torch.equal(x, torch.ones(4).bool())"
    assert judged.judge(tests, seconds=10).error is None


def test_gradients_that_are_none_cost_the_cell(session):
    result = returns({"k": "tensor", "i": 0, "r": 0}, node=1)
    for gradients in (
        {"k": "list", "v": ["much"]},
        {"k": "list", "v": [TENSOR] * 5},
        {"k": "int", "v": "3"},
    ):
        judged = session(
            GIVES_A_FUNCTION, (result, [torch.ones(3)]), ({"ok": gradients}, [torch.ones(7, 2)])
        )
        tests = "x = torch.ones(2, requires_grad=True)\nanswer(x).sum().backward()"
        try:
            error = judged.judge(tests, seconds=10).error
        except WireError as broken:
            error = broken
        assert error is not None


def test_a_state_of_random_numbers_reaches_the_judges_own_stream_neither_right_nor_wrong(session):
    for state in (torch.zeros(5056, dtype=torch.uint8), torch.zeros(3)):
        reply = (returns(None, random=0), [state])
        before = torch.get_rng_state()
        session(GIVES_A_FUNCTION, reply).judge("answer()", seconds=10)
        assert torch.equal(torch.get_rng_state(), before)
        lend = {"op": "call", "on": 1, "method": "__call__", "grad": True, "random": 0,
                "args": {"k": "list", "v": []}, "keywords": {"k": "dict", "v": []},
                "mirrors": []}  # fmt: skip
        judged = session(GIVES_A_FUNCTION, (lend, [state]), returns(None))
        judged.judge("answer(lambda: torch.rand(3))", seconds=10)
        assert torch.equal(torch.get_rng_state(), before)


def test_gradients_that_a_reply_switches_off_are_on_in_the_next_cell(session):
    off = {"ok": None, "grad": False}
    judged = session(GIVES_A_FUNCTION, off, GIVES_A_FUNCTION)
    assert judged.judge("answer()", seconds=10).error is None
    assert torch.is_grad_enabled()
    again = judged.judge("assert torch.is_grad_enabled()", seconds=10)
    assert again.error is None


def test_a_judges_argument_that_was_changed_is_seen_by_the_check(session):
    """The expected value would be computed from what the student made of the arguments."""

    def change(message, tensors):
        zeros = [torch.zeros_like(each) for each in tensors[:2]]
        changed = [[0, 0], [1, 1]]
        truth = 5 * 0.0 * zeros[0].sum(1)
        return returns({"k": "tensor", "i": 2}, changed=changed), [*zeros, truth]

    judged = session({"ok": {"k": "dict", "v": [["gaussian_kl", FUNCTION]]}}, *[change] * 5)
    error = judged.judge("lab3.gaussian_kl.value(gaussian_kl)", seconds=10).error
    assert isinstance(error, CheckFailed)
    assert error.slug == "changed-argument"


def test_a_handle_leads_to_nothing_that_was_not_handed_out(session):
    """All numbers up to a thousand; what answers is the callable that the check passed."""
    replies = []

    def ask(number):
        def reply(message, tensors):
            replies.append(message)
            return {"op": "getattr", "args": {"on": {"k": "int", "v": str(number)},
                                              "name": "__globals__"}}  # fmt: skip

        return reply

    judged = session(GIVES_A_FUNCTION, *map(ask, range(1000)), lambda *_: returns(None))
    assert judged.judge("answer(lambda: 42)", seconds=30).error is None
    assert {reply["error"]["type"] for reply in replies[1:]} == {"KeyError", "AttributeError"}


VERDICT = "✗ gaussian_kl: 1 gives 2.\n  The factor 1/2 is missing.\n  See section 3. [kl-no-half]"


def _judged(replies: list, tests: str):
    """The outcome that verdicts.py reads off a test cell of a notebook with this other end."""
    marks = {"grade_id": "t", "solution": False, "grade": True, "locked": True}
    answer = {"grade_id": "a", "solution": True, "grade": False, "locked": False}
    ran = {
        "ok": {
            "k": "dict",
            "v": [["printed", ""], ["error", None], ["failed", {"k": "list", "v": []}]],
        }
    }
    cells = [
        {"cell_type": "code", "source": source, "metadata": {"nbgrader": each}, "outputs": []}
        for source, each in (("answer = 1", answer), (tests, marks))
    ]

    class Student:
        def __init__(self) -> None:
            ours, theirs = socket.socketpair()
            self.wire = Wire(ours)
            self.evil = EvilPeer(theirs, [{"ok": None}, ran, *replies])
            self._ours = ours

        def close(self) -> None:
            self._ours.close()

        def why(self) -> str:
            return ""

    judging = Judging({"cells": cells}, {"cells": cells}, Student, {"lab3": lab3})
    _, ends = judging.judge()
    said = _outcome(ends["t"])
    return said.seen, said.slug, said.reason


@pytest.mark.parametrize("name", ["AssertionError", "CheckFailed", "Mistake", "KernelDied"])
@pytest.mark.parametrize("tests", ["answer()", "answer.eval()", "bool(answer)", "answer.items()"])
def test_an_error_outside_of_a_call_is_told_as_the_students_words(name, tests):
    """It reads as a verdict, slug and all: it is none."""
    thing = {**FUNCTION, "can": ["__call__", "__bool__"]}
    gives = {"ok": {"k": "dict", "v": [["answer", thing]]}}
    error = raised(type=name, text=VERDICT + "\x1b[31m" + "x" * 9000, bare=False)
    nothing_met = {"ok": {"k": "list", "v": []}}  # which is asked after a test that fails
    message, slug, reason = _judged([gives, error, nothing_met], tests)
    assert slug == "raised"
    assert reason is None
    assert message.startswith(f"Your code raised {name}: '✗ gaussian_kl: 1 gives 2. The")
    assert message.endswith("…'")
    assert len(message) < 260
    assert message.isprintable()


def test_a_students_text_reaches_no_reason_of_ours():
    """9 kB of it, in every place of a message that an error could quote."""
    text = "FULL MARKS " * 900
    for lie in (
        returns({"k": text}),
        returns({"k": "int", "v": text}),
        raised(number=text),
        {"ok": None, "news": [{"side": text, "id": 1}]},
        returns({"k": "dict", "v": [[text, {"k": text}]]}),
    ):
        message, slug, reason = _judged([GIVES_A_FUNCTION, lie], "answer()")
        assert (slug, reason) == (None, "kernel-died")
        assert "FULL" not in message
        assert len(message) < 200


def test_only_a_refusal_in_its_very_words_is_told_as_one():
    said = "is what this lab asks you to write: an answer that calls it earns nothing."
    assert is_refusal("ForbiddenName", f"vae_helpers.gaussian_kl {said}")
    for name, text in (
        ("ForbiddenName", "FULL MARKS"),
        ("ForbiddenName", f"vae_helpers.gaussian_kl {said} FULL MARKS"),
        ("ForbiddenName", f"FULL-MARKS {said}"),
        ("Exception", f"vae_helpers.gaussian_kl {said}"),
    ):
        assert not is_refusal(name, text)


def _number_of(message, place=0):
    """The number by which the judge's call hands out an argument."""
    return message["args"]["v"][place]["id"]


@pytest.mark.parametrize(
    "lie",
    [{"modes": 5}, {"modes": [True]}, {"modes": [True] * 9}, {"settings": [], "steps": "many"},
     {"settings": {"k": "int", "v": "1"}, "steps": 1}, {"state": 7}],
)  # fmt: skip
def test_changes_that_no_replica_makes_are_a_wire_error(session, lie):
    def reply(message, tensors):
        numbers = [_number_of(message, place) for place in range(3)]
        return returns(None, changes=[{"id": number, **lie} for number in numbers])

    tests = (
        "model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.ReLU())\n"
        "answer(model, torch.optim.SGD(model.parameters(), lr=1.0), torch.Generator())"
    )
    with pytest.raises(WireError):
        session(GIVES_A_FUNCTION, reply).judge(tests, seconds=10)


def test_settings_and_steps_that_are_told_are_numbers_and_bounded(session):
    """A rate that is no number is not taken over; steps without end do not keep the judge."""
    words = {
        "k": "dict",
        "v": [["lr", "much"], ["nesterov", None], ["new", {"k": "int", "v": "1"}]],
    }

    def reply(message, tensors):
        told = {"id": _number_of(message), "steps": 10**12}
        return returns(None, changes=[told | {"settings": {"k": "list", "v": [words]}}])

    tests = (
        "optimizer, steps = torch.optim.SGD([torch.zeros(2)], lr=1.0), []\n"
        "optimizer.register_step_post_hook(lambda *_: steps.append(1))\n"
        "answer(optimizer)\n"
        "group = optimizer.param_groups[0]\n"
        "assert group['lr'] == 1 and group['nesterov'] is False and 'new' not in group\n"
        "assert len(steps) == 1000"
    )
    assert session(GIVES_A_FUNCTION, reply).judge(tests, seconds=10).error is None


@pytest.mark.parametrize(
    "lie",
    [{"vmaps": 10**9}, {"vmaps": -1}, {"vmaps": 3},
     {"here": [{"k": "dict", "v": [["__class__", {**TENSOR, "a": 0}]]}, None]},
     {"here": [{"k": "dict", "v": [["weight", {"k": "int", "v": "1"}]]}, None]},
     {"here": [{"k": "dict", "v": [["weight", {**TENSOR, "a": 0}]]}, None]},
     {"here": [{"k": "dict", "v": []}, {"k": "list", "v": [True] * 9}]},
     {"method": "register_forward_hook"}, {"op": "pull", "on": 999}],
)  # fmt: skip
def test_a_call_that_no_replica_makes_is_refused_and_leaves_no_trace(session, lie):
    """Of a module that watches; what is refused comes back as an error to who asked."""
    heard = []

    def ask(message, tensors):
        number = message["args"]["v"][0]["replica"]["modules"][0]["on"]
        call = {"op": "call", "on": number, "method": "__call__", "grad": True, "mirrors": []}
        call |= {"args": {"k": "list", "v": []}, "keywords": {"k": "dict", "v": []}} | lie
        return call, [torch.zeros(5, dtype=torch.uint8)]

    def done(message, tensors):
        heard.append(message)
        return returns(None)

    tests = (
        "class Watching(torch.nn.Linear):\n"
        "    def forward(self, x): return super().forward(x)\n"
        "module = Watching(2, 1)\n"
        "before = {key: value.clone() for key, value in module.state_dict().items()}\n"
        "answer(module)\n"
        "assert module.training and module.weight.requires_grad\n"
        "assert all(torch.equal(before[key], value) for key, value in module.state_dict().items())"
    )
    judged = session(GIVES_A_FUNCTION, ask, done)
    assert judged.judge(tests, seconds=10).error is None
    assert "error" in heard[0]
