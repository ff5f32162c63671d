"""Reading and writing notebooks that instructors wrote; students' are read by submissions/."""

import json
from pathlib import Path
from typing import Any

from vae_helpers.errors import VaeLabError


def read_notebook(path: Path, *, shown: Path | str | None = None) -> dict[str, Any]:
    """The notebook as a dictionary whose sources are single strings.

    Raises VaeLabError when the file is absent or is no notebook.
    """
    shown = shown or path
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VaeLabError(f"{shown}: there is no such file") from None
    except (ValueError, RecursionError) as error:
        raise VaeLabError(f"{shown} is not a notebook: it is not JSON ({error})") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise VaeLabError(f"{shown} is not a notebook: it has no list of cells")
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell.get("source", ""))
    return notebook


def as_text(notebook: dict[str, Any]) -> str:
    """The notebook as nbformat writes it."""
    import nbformat

    return nbformat.writes(nbformat.from_dict(notebook)) + "\n"
