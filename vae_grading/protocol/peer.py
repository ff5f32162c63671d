"""One end of the conversation between the judge and a student's process.

Both ends are alike. A request names an operation on an object that the other end has handed out;
while it is being answered (answering.py), the other end may make requests of its own (a check
passes a loss function to the student's code, which calls it). Objects are known by numbers; only
what was handed out has one.

Three things make a remote call feel like a local one: gradients (gradients.py), leaves in step
(leaves.py) and exceptions (exceptions.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from vae_grading.protocol.access_policy import Here, Policy
from vae_grading.protocol.answering import Answers
from vae_grading.protocol.arguments import is_plain_call, take_over
from vae_grading.protocol.random_numbers import RandomNumbers
from vae_grading.protocol.shared_state import Memory
from vae_grading.protocol.transforms import call_transformed, is_transformed
from vae_grading.protocol.values import Encoder
from vae_grading.protocol.wire import Gone, Message, Wire, WireError


class Peer:
    """One end. `policy` decides what the other may ask of our objects.

    `failure` is the fault that ended the conversation, if one did. Whoever used a stub may have
    caught it, a check does: no verdict that was reached afterwards counts.
    """

    def __init__(self, wire: Wire, policy: Policy) -> None:
        self.failure: WireError | None = None
        self.is_judge = policy.is_judge
        self._wire = wire
        self._number = (
            0  # never used again, so that a stub of old means nothing rather than another
        )
        self._random = RandomNumbers(follow=not policy.is_judge)
        self._answers = Answers(self, policy, self._random)
        self.forget()

    def forget(self) -> None:
        """Forget all objects, graphs and leaves: none of them is used any more."""
        self.memory = Memory(self, self.next_number)

    # --- asking ---------------------------------------------------------------------------------

    def request(self, operation: str, **fields: Any) -> Any:
        """The answer to a request without arguments that need gradients."""
        encoder = self.memory.encoder()
        message = {key: encoder.encode(value) for key, value in fields.items()}
        return self._ask({"op": operation, "args": message}, encoder, [], [])

    def call(
        self,
        handle: int,
        method: str,
        arguments: Sequence[Any],
        keywords: Mapping[str, Any],
        here: Here | None = None,
    ) -> Any:
        """Call a method of the other end's object; its result hangs on what it was given.

        `here` is what a module is to compute with, where it is not what it has there.
        """
        given = (list(arguments), dict(keywords), here)
        message = {"op": "call", "on": handle, "method": method}
        if is_transformed(given):
            return call_transformed(
                lambda given, levels: self._call(message | {"vmaps": levels}, *given), given
            )
        return self._call(message, *given)

    def pull(
        self, node: int, gradients: Sequence[Tensor | None], inputs: Sequence[Tensor]
    ) -> list[Tensor | None]:
        """As `vector_jacobian_product`, itself a function of `gradients` and of the `inputs` that
        the node's results hang on."""
        return self._gradients(
            self._call({"op": "pull", "on": node}, [list(gradients)], {}, None, inputs)
        )

    def _call(
        self,
        message: Message,
        arguments: list[Any],
        keywords: dict[str, Any],
        here: Here | None,
        hang_on: Sequence[Tensor] = (),
    ) -> Any:
        inputs: list[Tensor] = []
        given: list[Tensor] = []
        graph = torch.is_grad_enabled()
        memory = self.memory
        mirrors = dict(memory.leaves.mirrors) if graph and message["op"] == "call" else {}

        def tensor(value: Tensor) -> dict[str, Any]:
            same = memory.leaves.mirror_of(value)
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
                fields["t"] = memory.identities.number(value)
            return fields

        encoder = memory.encoder(tensor)
        message = message | {
            "args": encoder.encode(arguments),
            "keywords": encoder.encode(keywords),
            "grad": graph,
            "mirrors": list(mirrors),
        }
        if here is not None:
            message["here"] = [encoder.encode(part) for part in here]
        message |= self._random.pass_on(encoder)
        watched = given if is_plain_call(message) else []
        return self._ask(message, encoder, [*inputs, *mirrors.values(), *hang_on], watched)

    def vector_jacobian_product(
        self, node: int, gradients: Sequence[Tensor | None]
    ) -> list[Tensor | None]:
        """What a node of the other end gives back for the gradients of its results."""
        return self._gradients(self.request("vjp", node=node, gradients=list(gradients)))

    def _gradients(self, found: Any) -> list[Tensor | None]:
        if not isinstance(found, list):
            raise self._failed(WireError("gradients that are none"))
        return found

    def _ask(
        self, message: Message, encoder: Encoder, inputs: list[Tensor], given: list[Tensor]
    ) -> Any:
        if self.failure is not None:
            raise self.failure
        try:
            self.send(message, encoder)
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
            self._answers.answer(message, tensors)

    def _read_reply(
        self, reply: Message, tensors: list[Tensor], inputs: list[Tensor], given: list[Tensor]
    ) -> tuple[BaseException | None, Any]:
        """The exception that the reply brings, or its value, and all that goes with them."""
        memory = self.memory
        results = memory.graphs.attach(reply, tensors, inputs, memory.leaves.ours)
        if given:
            take_over(reply, given, tensors)
        if reply.get("grad", torch.is_grad_enabled()) is not torch.is_grad_enabled():
            torch.set_grad_enabled(bool(reply["grad"]))
        self._random.take_back(reply, tensors)
        if "error" in reply:
            return memory.exceptions.rebuild(reply["error"]), None

        def tensor(value: Tensor | None, tree: dict[str, Any]) -> Tensor:
            return results[int(tree["r"])] if "r" in tree else memory.leaves.received(value, tree)

        return None, memory.decoder(tensors, tensor).decode(reply.get("ok"))

    # --- messages -------------------------------------------------------------------------------

    def serve(self) -> None:
        """Answer requests until the other end is gone."""
        while True:
            try:
                message, tensors = self._receive()
            except Gone:
                return
            self._answers.answer(message, tensors)

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def send(self, message: Message, encoder: Encoder) -> None:
        """Raises WireError, and ValueError for a message beyond the bounds."""
        self.memory.news(message, encoder)
        self._wire.send(message, encoder.tensors)

    def _receive(self) -> tuple[Message, list[Tensor]]:
        message, tensors = self._wire.receive()
        with _TAKEN_FOR_HOSTILE:
            self.memory.take_news(message, tensors)
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
