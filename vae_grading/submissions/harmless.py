"""What others open of a graded notebook, with nothing in it that could run or call home.

The formgrader and nbgrader's feedback pages put Markdown, raw cells and outputs into a page as they
are. So what is written to autograded/ is such that this page holds text, formulas and pictures
only; the original stays in submitted/. Markdown that is harmless as it stands is left as it is.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from vae_grading.plain_text import plain

LONGEST_RENDERED = (
    20_000  # characters of a cell besides its pictures; a longer one is shown as text
)
LONGEST_SHOWN = 100_000  # characters of such a text
MOST_SECONDS = 10  # for all cells of a notebook: a renderer can be kept busy by what it is given
_TAGS = frozenset(
    """a abbr b blockquote br caption center code col colgroup dd del details div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike
    strong sub summary sup table tbody td tfoot th thead tr tt u ul var""".split()  # noqa: SIM905
)
# Classes of highlighted code and of anchors; others belong to the page around.
_CLASS = re.compile(r"highlight|hl-[\w+-]+|language-[\w+-]+|[a-z]{1,3}\d?|anchor-link")
_STYLE = re.compile(r"text-align: ?(left|center|right);?")
_NUMBER = re.compile(r"\d{1,4}%?")
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
# Formulas are typeset in the reader's browser: commands that make links, styles, or load more.
_COMMANDS = re.compile(
    r"\\(href|url|mmlToken|style|class|cssId|data|require|bbox|includegraphics|unicode)(?![a-z])",
    re.IGNORECASE,
)
# Markdown without any of these is text, emphasis, lists, code and formulas.
_WORTH_A_LOOK = re.compile(r"[<&]|\]\s*[:(\[]|mermaid|attachment:", re.IGNORECASE)
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def harmless(notebook: dict[str, Any], given: Collection[str] = ()) -> dict[str, Any]:
    """The notebook, every cell made harmless in place; sources in `given` are the lab's own."""
    deadline = time.monotonic() + MOST_SECONDS
    for place, cell in enumerate(notebook["cells"]):
        if not _CELL_ID.fullmatch(str(cell.get("id", ""))):
            cell["id"] = f"vae-lab-{place}"
        cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k == "nbgrader"}
        pictures = _pictures(cell.pop("attachments", None))
        if cell["cell_type"] == "code":
            cell["outputs"] = [_output(each) for each in cell.get("outputs", ())]
        elif cell["cell_type"] == "raw":  # a page would hold it as it is
            cell["cell_type"], cell["source"] = "markdown", as_markdown(cell["source"])
        elif cell["source"] not in given:
            source, late = cell["source"], time.monotonic() > deadline
            cell["source"] = as_markdown(source) if late else markdown(source, pictures)
        if pictures and cell["cell_type"] == "markdown":
            cell["attachments"] = pictures
    known = ("kernelspec", "language_info")
    notebook["metadata"] = {k: v for k, v in notebook["metadata"].items() if k in known}
    return notebook


def markdown(source: str, pictures: dict[str, dict[str, str]] | None = None) -> str:
    """Markdown that gives a harmless page: the source, or what of it is harmless, or its text.

    `pictures` are those that are attached to its cell.
    """
    if len(_PICTURE.sub("", source)) > LONGEST_RENDERED:
        return as_markdown(source)
    if not _WORTH_A_LOOK.search(source) and not _COMMANDS.search(source):
        return source
    cleaned, changed = _page(source, pictures or {})
    if not changed:
        return source
    if cleaned is not None:
        # One block of HTML, which no renderer of Markdown looks into: it ends at an empty line.
        block = "<div>" + cleaned.strip().replace("\n", "&#10;") + "</div>"
        if not _page(block, {})[1]:
            return block
    return as_markdown(source)


def as_markdown(source: str) -> str:
    """Markdown that shows a source as it was written."""
    shown = plain(source[:LONGEST_SHOWN], lines=True)
    if len(source) > LONGEST_SHOWN:
        shown += f"\n[...] {len(source) - LONGEST_SHOWN:,} more characters: see submitted/"
    # In one line, and with nothing that a renderer or the typesetting of formulas could take up.
    escaped = html.escape(shown).replace("\n", "&#10;").replace("\t", "&#9;")
    return f"<pre>{escaped.replace('$', '&#36;').replace(chr(92), '&#92;')}</pre>"


def _page(source: str, pictures: dict[str, dict[str, str]]) -> tuple[str | None, bool]:
    """The cleaned page of some Markdown or None, and whether anything had to go."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    try:
        # As nbconvert's HTML exporter does it, for the formgrader and for feedback.
        renderer = IPythonRenderer(escape=False, attachments=pictures)
        rendered = MarkdownWithMath(renderer=renderer).render(source)
        cleaned, changed = _clean(rendered)
    except Exception:  # what renderers and parsers raise at a hostile source is many things
        return None, True
    text = html.unescape(re.sub(r"<[^>]*>", "", cleaned))
    return (None, True) if _COMMANDS.search(text) else (cleaned, changed)


def _clean(page: str) -> tuple[str, bool]:
    """A part of a page with nothing but what is allowed, and whether something else was in it."""
    import bleach
    from bleach.css_sanitizer import CSSSanitizer

    dropped: list[str] = []

    def allowed(tag: str, name: str, value: str) -> bool:
        fine = _allowed(tag, name, value)
        if not fine:
            dropped.append(name)
        return fine

    cleaned = bleach.clean(
        page,
        tags=_TAGS,
        attributes=allowed,
        protocols=("http", "https", "mailto", "data"),
        css_sanitizer=CSSSanitizer(allowed_css_properties=("text-align",)),
    )
    # An element that is not allowed is shown as text.
    escaped = cleaned.count("&lt;") > page.count("&lt;")
    return cleaned, bool(dropped) or escaped or "<!" in page or "<?" in page


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "href":
        return tag == "a" and (value.startswith("#") or _is_link(value) or _is_word(value))
    if name == "src":  # no picture from elsewhere: it would tell when and where it is looked at
        return tag == "img" and _PICTURE.fullmatch(value) is not None
    if name == "class":
        return all(_CLASS.fullmatch(each) for each in value.split())
    if name == "style":
        return _STYLE.fullmatch(value.strip()) is not None
    if name == "id":
        return tag in ("h1", "h2", "h3", "h4", "h5", "h6")
    if name in ("width", "height", "colspan", "rowspan", "start", "span"):
        return _NUMBER.fullmatch(value) is not None
    return name in ("alt", "title", "align", "valign", "open")


def _is_link(value: str) -> bool:
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return False
    return parts.scheme == "mailto" or (parts.scheme in ("http", "https") and bool(parts.netloc))


def _is_word(value: str) -> bool:
    """E_q[log p](x) is a link to a file called x, as Markdown has it."""
    return re.search(r"[/\\:?#&]", value) is None


def _pictures(attached: Any) -> dict[str, dict[str, str]]:
    """What is attached to a cell, as far as it is pictures made of pixels."""
    found: dict[str, dict[str, str]] = {}
    for name, kinds in attached.items() if isinstance(attached, dict) else ():
        for kind, data in kinds.items() if isinstance(kinds, dict) else ():
            data = "".join(data) if isinstance(data, list) else data
            pixels = kind in ("image/png", "image/jpeg") and isinstance(data, str)
            if pixels and _BASE64.fullmatch(data):
                found.setdefault(str(name), {})[kind] = "".join(data.split())
    return found


def _output(output: dict[str, Any]) -> dict[str, Any]:
    """An output as text; what was displayed in any other form is not kept."""
    if output["output_type"] not in ("display_data", "execute_result", "update_display_data"):
        return output
    data = output.get("data", {})
    kept = {kind: text for kind, text in data.items() if kind == "text/plain"}
    return {**output, "metadata": {}, "data": kept}
