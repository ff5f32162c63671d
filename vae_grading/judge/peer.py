"""One end of the conversation between the judge and a student's process.

Both ends are alike. A request names an operation on an object that the other end has handed out;
while it is being answered, the other end may make requests of its own (a check passes a model or a
loss function to the student's code, which calls it). Objects are known by numbers; only what was
handed out has one.

Three things make a remote call feel like a local one: gradients (gradients.py), leaves in step
(leaves.py) and exceptions (exceptions.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from vae_grading.judge.arguments import Arguments, Identities, take_over
from vae_grading.judge.exceptions import Exceptions
from vae_grading.judge.gradients import Graphs
from vae_grading.judge.leaves import Leaves
from vae_grading.judge.objects import Objects
from vae_grading.judge.policy import Policy
from vae_grading.judge.random_numbers import RandomNumbers
from vae_grading.judge.transforms import call_transformed, is_transformed
from vae_grading.judge.values import Decoder, Encoder
from vae_grading.judge.wire import Gone, Message, Wire, WireError

DEEPEST_REQUEST = 20


class Peer:
    """One end. `policy` decides what the other may ask of our objects.

    `failure` is the fault that ended the conversation, if one did. Whoever used a stub may have
    caught it, a check does: no verdict that was reached afterwards counts.
    """

    def __init__(self, wire: Wire, policy: Policy) -> None:
        self.failure: WireError | None = None
        self._wire = wire
        self.is_judge = policy.is_judge
        self._policy = policy
        self._depth = 0
        self._number = (
            0  # never used again, so that a stub of old means nothing rather than another
        )
        self._random = RandomNumbers(follow=not policy.is_judge)
        self.forget()

    def forget(self) -> None:
        """Forget all objects, graphs and leaves: none of them is used any more."""
        self._objects = Objects(self, self._next)
        self._graphs = Graphs(self)
        self._exceptions = Exceptions()
        self._leaves = Leaves()
        self._identities = Identities()

    # --- asking ---------------------------------------------------------------------------------

    def request(self, operation: str, **fields: Any) -> Any:
        """The answer to a request without arguments that need gradients."""
        encoder = self._encoder()
        message = {key: encoder.encode(value) for key, value in fields.items()}
        return self._ask({"op": operation, "args": message}, encoder, [], [])

    def call(
        self, handle: int, method: str, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Call a method of the other end's object; its result hangs on what it was given."""
        if is_transformed():
            return call_transformed(
                lambda both: self.call(handle, method, *both), (list(arguments), dict(keywords))
            )
        inputs: list[Tensor] = []
        given: list[Tensor] = []
        graph = torch.is_grad_enabled()
        mirrors = dict(self._leaves.mirrors) if graph else {}

        def tensor(value: Tensor) -> dict[str, Any]:
            same = self._leaves.mirror_of(value)
            if same is not None:
                return {"same": same}
            fields: dict[str, Any] = {"a": len(given)}
            if value._is_view():
                fields["view"] = True
            given.append(value)
            if value.requires_grad and graph:
                fields["n"] = len(inputs)
                inputs.append(value)
            elif value.requires_grad:
                fields["g"] = True
            elif self.is_judge:  # an answer may know its arguments again, a check has no need to
                fields["t"] = self._identities.number(value)
            return fields

        encoder = Encoder(self._refer, tensor)
        message = {
            "op": "call",
            "on": handle,
            "method": method,
            "args": encoder.encode(list(arguments)),
            "keywords": encoder.encode(dict(keywords)),
            "grad": graph,
            "mirrors": list(mirrors),
        } | self._random.pass_on(encoder)
        # Of the methods, only a plain call is one whose arguments a check looks at afterwards.
        watched = given if method == "__call__" else []
        return self._ask(message, encoder, [*inputs, *mirrors.values()], watched)

    def vector_jacobian_product(
        self, node: int, gradients: Sequence[Tensor | None]
    ) -> list[Tensor | None]:
        """What a node of the other end gives back for the gradients of its results."""
        found = self.request("vjp", node=node, gradients=list(gradients))
        if not isinstance(found, list):
            raise self._failed(WireError("gradients that are none"))
        return found

    def _ask(
        self, message: Message, encoder: Encoder, inputs: list[Tensor], given: list[Tensor]
    ) -> Any:
        if self.failure is not None:
            raise self.failure
        try:
            self._send(message, encoder)
            reply, tensors = self._wait_for_reply()
            with _TAKEN_FOR_HOSTILE:
                error, value = self._read_reply(reply, tensors, inputs, given)
        except WireError as failure:
            raise self._failed(failure) from None
        if error is not None:
            raise error
        return value

    def _failed(self, failure: WireError) -> WireError:
        self.failure = self.failure or failure
        return self.failure

    def _wait_for_reply(self) -> tuple[Message, list[Tensor]]:
        while True:
            message, tensors = self._receive()
            if "op" not in message:
                return message, tensors
            self._answer(message, tensors)

    def _read_reply(
        self, reply: Message, tensors: list[Tensor], inputs: list[Tensor], given: list[Tensor]
    ) -> tuple[BaseException | None, Any]:
        """The exception that the reply brings, or its value, and all that goes with them."""
        results = self._graphs.attach(reply, tensors, inputs)
        if given:
            take_over(reply, given, tensors)
        if reply.get("grad", torch.is_grad_enabled()) is not torch.is_grad_enabled():
            torch.set_grad_enabled(bool(reply["grad"]))
        self._random.take_back(reply, tensors)
        if "error" in reply:
            return self._exceptions.rebuild(reply["error"]), None

        def tensor(value: Tensor | None, tree: dict[str, Any]) -> Tensor:
            return results[int(tree["r"])] if "r" in tree else self._leaves.received(value, tree)

        return None, Decoder(tensors, self._resolve, tensor).decode(reply.get("ok"))

    # --- answering ------------------------------------------------------------------------------

    def serve(self) -> None:
        """Answer requests until the other end is gone."""
        while True:
            try:
                message, tensors = self._receive()
            except Gone:
                return
            self._answer(message, tensors)

    def _answer(self, message: Message, tensors: list[Tensor]) -> None:
        self._depth += 1
        before = torch.is_grad_enabled()
        answer: Message = {}
        encoder = self._encoder()
        try:
            if self._depth > DEEPEST_REQUEST:
                raise RecursionError("maximum recursion depth exceeded")
            encoder = self._result(message, tensors, answer)
        except WireError:
            raise
        except (Exception, SystemExit) as error:
            answer["error"] = self._exceptions.describe(error, self._next())
        finally:
            self._depth -= 1
        if "random" in answer:
            answer["random"] = encoder.put(answer["random"])
        if message.get("op") == "call":
            answer["grad"] = torch.is_grad_enabled()
        torch.set_grad_enabled(before)
        try:
            self._send(answer, encoder)
        except (ValueError, RecursionError) as error:
            described = self._exceptions.describe(error, self._next())
            self._send({"error": described}, self._encoder())

    def _result(self, message: Message, tensors: list[Tensor], answer: Message) -> Encoder:
        operation = message["op"]
        if operation == "call":
            return self._answer_call(message, tensors, answer)
        fields = {
            key: Decoder(tensors, self._resolve, self._leaves.received).decode(tree)
            for key, tree in message.get("args", {}).items()
        }
        if operation == "vjp":
            node = self._graphs[fields["node"]]
            found = node.vjp(fields["gradients"], accumulate=not self.is_judge)
        elif operation == "getattr":
            found = self._policy.getattr(self._objects[fields["on"]], fields["name"])
        elif operation == "setattr":
            target = self._objects[fields["on"]]
            found = self._policy.setattr(target, fields["name"], fields["value"])
        else:
            found = self._policy.special(operation, fields)
        encoder = self._encoder()  # now: an operation may have made this end forget
        answer["ok"] = encoder.encode(found)
        return encoder

    def _answer_call(self, message: Message, tensors: list[Tensor], answer: Message) -> Encoder:
        target = self._objects[message["on"]]
        arguments = Arguments()
        inputs: dict[int, Tensor] = {}

        def received(value: Tensor | None, tree: dict[str, Any]) -> Tensor:
            value = self._leaves.received(value, tree)
            if "same" in tree or "leaf" in tree:
                return value
            if "n" in tree:
                inputs[int(tree["n"])] = value.requires_grad_()
            if tree.get("t") is not None and "view" not in tree and not self.is_judge:
                value = self._identities.received(int(tree["t"]), value)
            if "view" in tree:  # torch treats views differently, in-place operations above all
                value = value.view_as(value)
            arguments.add(int(tree["a"]), value)
            return value

        decoder = Decoder(tensors, self._resolve, received)
        positional, keywords = decoder.decode(message["args"]), decoder.decode(message["keywords"])
        arguments.complete()
        watched = [inputs[i] for i in range(len(inputs))]
        watched += [self._leaves.ours[n] for n in message["mirrors"] if n in self._leaves.ours]
        torch.set_grad_enabled(bool(message["grad"]))
        with self._graphs.arriving() as arrived, self._random.borrowed(message, tensors, answer):
            result = self._policy.call(target, message["method"], positional, keywords)
        hanging: list[Tensor] = []

        def tensor(value: Tensor) -> dict[str, Any]:
            plain = self._fields(value)
            if plain or not value.requires_grad:
                return plain
            hanging.append(value)
            return {"r": len(hanging) - 1}

        encoder = Encoder(self._refer, tensor)
        answer["ok"] = encoder.encode(result)
        if hanging:
            answer |= self._graphs.hang(hanging, watched, arrived, self._next())
        answer |= arguments.changes(encoder)
        return encoder

    # --- objects and tensors --------------------------------------------------------------------

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _encoder(self) -> Encoder:
        return Encoder(self._refer, self._fields)

    def _fields(self, value: Tensor) -> dict[str, Any]:
        return self._leaves.fields(value, self._next)

    def _refer(self, value: Any, encoder: Encoder) -> dict[str, Any]:
        tree = self._objects.refer(value)
        if "module" in tree and self.is_judge:
            # Mirrors from the start: what the student computes with the model hangs on them.
            tree["module"] = [
                encoder.encode_tensor(each, self._fields(each)) for each in value.parameters()
            ]
        return tree

    def _resolve(self, tree: dict[str, Any], decoder: Decoder) -> Any:
        if tree.get("module") and not self.is_judge and not self._objects.has_stub(tree):
            decoder.decode({"k": "list", "v": tree["module"]})
        return self._objects.resolve(tree)

    # --- messages -------------------------------------------------------------------------------

    def _send(self, message: Message, encoder: Encoder) -> None:
        news = self._leaves.news(encoder)
        if news:
            message["news"] = news
        self._wire.send(message, encoder.tensors)

    def _receive(self) -> tuple[Message, list[Tensor]]:
        message, tensors = self._wire.receive()
        with _TAKEN_FOR_HOSTILE:
            self._leaves.update(message.get("news", []), tensors)
        return message, tensors


class _TakenForHostile:
    """Whatever goes wrong in reading a message is the sender's doing: a WireError."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, lines: Any) -> None:
        if isinstance(error, Exception) and not isinstance(error, WireError):
            said = f"a message that is none: {type(error).__name__}: {error}"
            raise WireError(said) from None


_TAKEN_FOR_HOSTILE = _TakenForHostile()
