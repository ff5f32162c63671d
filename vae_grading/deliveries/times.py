"""When something was handed in, as systems say it, and how nbgrader writes it down.

A time without a zone is one of the course's own zone: systems write what their users' clocks show.
"""

import contextlib
import re
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

FILE = "timestamp.txt"  # nbgrader's, beside a notebook
_MONTHS = (
    *("jan|ene", "feb", "mar|mär|mrz", "apr|avr|abr", "may|mai", "jun|juin", "jul|juil"),
    *("aug|aou|aoû|ago", "sep|set", "oct|okt", "nov", "dec|dez|dic|déc"),
)
_DAY = re.compile(
    r"(?:(?P<day>\d{1,2})\.?(?: de)? (?P<month>[^\W\d_]{3,}\.?)|"
    r"(?P<month_>[^\W\d_]{3,}\.?) (?P<day_>\d{1,2})),?(?: de)? (?P<year>\d{4}),? "
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?: ?(?P<half>[AP])\.?M\.?)?\s*",
    re.IGNORECASE,
)
_UNITS = {"h": 1, "s": 1, "d": 24, "t": 24, "w": 168}  # German's Stunden and Tage among them
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*(hours?|days?|weeks?|stunden?|tage?|wochen?|h|d|w)?[\s,]*")


def instant(said: str, zone: tzinfo | None) -> datetime | None:
    """The time in UTC that is said in ISO 8601, by nbgrader, Gradescope or Moodle, or None.

    `zone` is that of a time without one; None is this machine's. Where clocks were turned back,
    the earlier of the two hours is meant.

    >>> instant("2026-09-24 21:26:00 +0200", UTC)
    datetime.datetime(2026, 9, 24, 19, 26, tzinfo=datetime.timezone.utc)
    >>> instant("Thursday, 24 September 2026, 9:26 PM", UTC).isoformat()
    '2026-09-24T21:26:00+00:00'
    """
    text = " ".join(said.split())
    text = re.sub(r" ?(UTC|GMT)$", "+00:00", text)
    if named := re.search(r" ([A-Z][A-Za-z_]+/[A-Za-z_/]+)$", text):
        with contextlib.suppress(KeyError, ValueError, OSError):
            zone, text = ZoneInfo(named[1]), text[: named.start()]
    text = re.sub(r" (?=[+-]\d\d:?\d\d$)", "", text)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        found = _in_words(text)
        if found is None:
            return None
        when = found
    if when.tzinfo is None and zone is not None:
        when = when.replace(tzinfo=zone)
    try:
        return when.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _in_words(text: str) -> datetime | None:
    found = re.search(r"(?:^|, | )" + _DAY.pattern + "$", text, re.IGNORECASE)
    if not found:
        return None
    name = (found["month"] or found["month_"]).casefold()
    month = next((n for n, names in enumerate(_MONTHS, 1) if re.match(names, name)), 0)
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"].casefold() == "p")
    try:
        day = int(found["day"] or found["day_"])
        return datetime(int(found["year"]), month, day, hour, int(found["minute"]))
    except ValueError:
        return None


def as_timestamp(when: datetime) -> str:
    """A time as nbgrader writes it (`CourseDirectory.get_existing_timestamp` reads it).

    >>> as_timestamp(datetime(2026, 9, 24, 19, 26, tzinfo=UTC))
    '2026-09-24 19:26:00.000000 UTC'
    """
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def read_timestamp(folder: Path) -> str | None:
    """What stands beside a notebook, or None."""
    path = folder / FILE
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 1000:
        return None
    return path.read_text(encoding="utf-8", errors="replace").strip()


def duration(said: str) -> timedelta | None:
    """How long an extension is; a number alone counts days; None for what is none.

    >>> duration("1 day 12 h"), duration("2"), duration("soon")
    (datetime.timedelta(days=1, seconds=43200), datetime.timedelta(days=2), None)
    """
    text, hours, at = said.strip().casefold(), 0.0, 0
    while at < len(text):
        found = _PART.match(text, at)
        if not found:
            return None
        hours += float(found[1].replace(",", ".")) * _UNITS[(found[2] or "d")[0]]
        at = found.end()
    try:
        return timedelta(hours=hours)
    except OverflowError:
        return None


def in_words(seconds: float) -> str:
    """How late something is, in its two largest units.

    >>> in_words(93_700), in_words(3_900), in_words(20)
    ('1 d 2 h', '1 h 5 min', '1 min')
    """
    minutes = max(1, round(seconds / 60))
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    return " ".join(parts[:2])
