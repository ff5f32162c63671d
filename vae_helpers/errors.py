"""The one exception for a user's mistake: told in one line, without a traceback."""


class VaeLabError(Exception):
    """Something the user can put right: the message says what was wrong and what to do.

    The command line prints it as one line and exits with code 2; a notebook shows that line.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]
