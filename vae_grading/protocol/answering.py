"""The answering half of an end of the conversation: what a request asks of our objects."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from vae_grading.protocol.access_policy import Here, Policy
from vae_grading.protocol.arguments import Arguments, is_plain_call
from vae_grading.protocol.end import End
from vae_grading.protocol.random_numbers import RandomNumbers
from vae_grading.protocol.transforms import map_over
from vae_grading.protocol.values import Encoder
from vae_grading.protocol.wire import Message, WireError

DEEPEST_REQUEST = 20


class Answers:
    """Answers the requests of the other end of `peer`, as far as `policy` lets it."""

    def __init__(self, peer: End, policy: Policy, random: RandomNumbers) -> None:
        self._peer = peer
        self._policy = policy
        self._random = random
        self._depth = 0

    def answer(self, message: Message, tensors: list[Tensor]) -> None:
        """Do what a request asks for and send the reply, or the exception. Raises WireError."""
        self._depth += 1
        before = torch.is_grad_enabled()
        answer: Message = {}
        encoder = self._peer.memory.encoder()
        try:
            if self._depth > DEEPEST_REQUEST:
                raise RecursionError("maximum recursion depth exceeded")
            encoder = self._result(message, tensors, answer)
        except WireError:
            raise
        except (Exception, SystemExit) as error:
            answer["error"] = self._describe(error)
        finally:
            self._depth -= 1
        if "random" in answer:
            answer["random"] = encoder.put(answer["random"])
        if message.get("op") == "call":
            answer["grad"] = torch.is_grad_enabled()
        torch.set_grad_enabled(before)
        try:
            self._peer.send(answer, encoder)
        except (ValueError, RecursionError) as error:
            self._peer.send({"error": self._describe(error)}, self._peer.memory.encoder())

    def _describe(self, error: BaseException) -> dict[str, Any]:
        return self._peer.memory.exceptions.describe(error, self._peer.next_number())

    def _result(self, message: Message, tensors: list[Tensor], answer: Message) -> Encoder:
        operation, memory = message["op"], self._peer.memory
        if operation in ("call", "pull"):
            return self._call(message, tensors, answer)
        fields = {
            key: memory.decoder(tensors).decode(tree)
            for key, tree in message.get("args", {}).items()
        }
        if operation == "vjp":
            node = memory.graphs[fields["node"]]
            found = node.vjp(fields["gradients"], accumulate=not self._peer.is_judge)
        elif operation == "getattr":
            found = self._policy.getattr(memory.objects[fields["on"]], fields["name"])
        elif operation == "setattr":
            target = memory.objects[fields["on"]]
            self._policy.setattr(target, fields["name"], fields["value"])
            found = None
        else:
            found = self._policy.special(operation, fields)
        encoder = self._peer.memory.encoder()  # now: an operation may have made this end forget
        answer["ok"] = encoder.encode(found)
        return encoder

    def _call(self, message: Message, tensors: list[Tensor], answer: Message) -> Encoder:
        memory = self._peer.memory
        arguments = Arguments(watched=is_plain_call(message))
        inputs: dict[int, Tensor] = {}
        decoder = memory.decoder(tensors, self._receiver(arguments, inputs))
        positional, keywords = decoder.decode(message["args"]), decoder.decode(message["keywords"])
        here = Here(*map(decoder.decode, message["here"])) if "here" in message else None
        arguments.complete()
        watched = [inputs[i] for i in range(len(inputs))]
        ours = memory.leaves.ours
        watched += [ours[number] for number in message["mirrors"] if number in ours]
        torch.set_grad_enabled(bool(message["grad"]))
        with memory.graphs.arriving() as arrived, self._random.borrowed(message, tensors, answer):
            if message["op"] == "pull":
                node = memory.graphs[message["on"]]
                result, watched = node.pull(*positional), [*watched, *node.inputs]
            else:
                target, method = memory.objects[message["on"]], message["method"]
                function = partial(self._policy.call, target, method)
                given, levels = (positional, keywords, here), int(message.get("vmaps", 0))
                result = map_over(function, given, arguments.all(), levels)
        own = {id(each) for each in inputs.values()}
        hanging: list[Tensor] = []

        def tensor(value: Tensor) -> dict[str, Any]:
            if id(value) not in own:
                plain = memory.fields(value)
                if plain or not value.requires_grad:
                    return plain
            hanging.append(value.view_as(value) if id(value) in own else value)
            return {"r": len(hanging) - 1}

        encoder = memory.encoder(tensor)
        answer["ok"] = encoder.encode(result)
        if hanging:
            mirrors, number = memory.leaves.mirrors, self._peer.next_number()
            answer |= memory.graphs.hang(hanging, watched, arrived, mirrors, number)
        answer |= arguments.changes(encoder)
        return encoder

    def _receiver(self, arguments: Arguments, inputs: dict[int, Tensor]) -> Any:
        """What a decoder does with the tensors of a call: `arguments` and `inputs` get them."""
        memory, is_judge = self._peer.memory, self._peer.is_judge

        def received(value: Tensor | None, tree: dict[str, Any]) -> Tensor:
            value = memory.leaves.received(value, tree)
            if "same" in tree or "leaf" in tree:
                return value
            if "n" in tree:
                inputs[int(tree["n"])] = value.requires_grad_()
            if tree.get("t") is not None and "view" not in tree and not is_judge:
                value = memory.identities.received(int(tree["t"]), value)
            if "view" in tree:  # torch treats views differently, in-place operations above all
                value = value.view_as(value)
            arguments.add(int(tree["a"]), value)
            return value

        return received
