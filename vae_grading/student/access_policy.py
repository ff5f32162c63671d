"""What the judge may do with the student's objects: everything; the jail is around them."""

from __future__ import annotations

import warnings
from typing import Any

from vae_grading.protocol.access_policy import Here


class StudentPolicy:
    """Of the student's objects: everything. `namespace` is where the notebook's names live."""

    is_judge = False

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace

    def getattr(self, target: Any, name: str) -> Any:
        return getattr(target, name)

    def setattr(self, target: Any, name: str, value: Any) -> None:
        setattr(target, name, value)

    def call(
        self,
        target: Any,
        method: str,
        arguments: list[Any],
        keywords: dict[str, Any],
        here: Here | None = None,
    ) -> Any:
        """Call it; a warning costs nobody marks, even where the notebook made it an error."""
        function = target if method == "__call__" else getattr(target, method)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments, **keywords)

    def special(self, operation: str, fields: dict[str, Any]) -> Any:
        if operation == "roots":
            names = fields["names"]
            return {name: self.namespace[name] for name in names if name in self.namespace}
        raise TypeError(f"no such request: {operation!r}")
