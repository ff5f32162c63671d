"""Text from outside, without what would drive a terminal, a table or a line of writing."""


def plain(text: str, *, lines: bool = False) -> str:
    """`text` with a replacement mark for every character that does not print.

    With `lines` line breaks and tabs stay.

    >>> plain("Ada\\x1b]0;Bob\\x07\\r"), plain("1\\n2"), plain("1\\n2", lines=True)
    ('Ada�]0;Bob��', '1�2', '1\\n2')
    """
    if text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(char if char.isprintable() or char in kept else "\ufffd" for char in text)


def quoted(text: str, longest: int = 200) -> str:
    """Somebody else's words in a sentence of ours: one line, cut, in quotation marks that nothing
    in them can close.

    >>> print(quoted("full\\n marks\\x1b"), quoted("abcdef", 4), quoted("no module 'google'"))
    'full marks�' 'abc…' 'no module "google"'
    """
    said = plain(" ".join(text[: 10 * longest].split())).replace("'", '"')
    return f"'{said if len(said) <= longest else said[: longest - 1] + '…'}'"
