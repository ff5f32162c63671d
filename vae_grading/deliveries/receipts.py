"""The files that a system puts beside submissions to say whose they are.

Gradescope  submission_metadata.yml: names, numbers and addresses, by the submission's folder
Blackboard  ASSIGNMENT_USER_attempt_TIME.txt: its first line is "Name: Ada Quill (a_quill)"
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from vae_grading.deliveries.sender import Sender

METADATA = "submission_metadata.yml"
_DEEPEST = 100
_MOST_EVENTS = 5_000_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?")


def gradescope(data: bytes) -> dict[str, list[Sender]]:
    """Who handed in each submission of an export, by the name of its folder or file.

    A group has one sender for each of its members. Raises ValueError where it cannot be read.
    """
    found = {}
    try:
        events = _bounded(yaml.parse(data, Loader=_LOADER))
        for event in events:
            if isinstance(event, yaml.MappingStartEvent):
                for key, about in _pairs(events, 0):
                    found[key] = _submitters(key, about)
                break
    except (yaml.YAMLError, UnicodeError) as error:
        raise ValueError(" ".join(str(error).split())) from None
    return found


def _submitters(key: str, about: Any) -> list[Sender]:
    about = about if isinstance(about, dict) else {}
    people = about.get("submitters")
    people = [each for each in people if isinstance(each, dict)] if isinstance(people, list) else []
    people = [each for each in people if each.get("name") or each.get("email") or each.get("sid")]
    names = [_text(each, "name") or _text(each, "email") or _text(each, "sid") for each in people]
    number = re.search(r"\d+", key)
    when = _TIME.match(_text(about, "created_at"))
    time = ""
    if when:
        zone = when[3] or ""
        time = f"{when[1]}T{when[2]}{'Z' if zone == 'UTC' else zone}"
    return [
        Sender(
            "Gradescope",
            name,
            "",
            number=_text(each, "sid"),
            email=_text(each, "email"),
            upload=int(number[0][:18]) if number else 0,
            time=time,
            group=tuple(names) if len(names) > 1 else (),
        )
        for name, each in zip(names, people, strict=True)
    ]


def _text(about: dict[str, Any], key: str) -> str:
    value = about.get(key)
    return value.strip() if isinstance(value, str) and value not in ("~", "null") else ""


def _bounded(events: Iterable[yaml.Event]) -> Iterator[yaml.Event]:
    for count, event in enumerate(events):
        if count > _MOST_EVENTS:
            raise ValueError("it holds more than is read")
        yield event


def _pairs(events: Iterator[yaml.Event], depth: int) -> Iterator[tuple[str, Any]]:
    """The pairs of a mapping; Ruby's symbols (`:name`) become plain words."""
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _value(event, events, depth)
        value = _value(next(events), events, depth)
        yield (key.strip(":") if isinstance(key, str) else ""), value


def _value(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Any:
    """Text, lists and dictionaries alone: no object is made, no alias followed."""
    if depth > _DEEPEST:
        raise ValueError("it is nested too deep")
    if isinstance(event, yaml.ScalarEvent):
        return event.value
    if isinstance(event, yaml.MappingStartEvent):
        return dict(_pairs(events, depth + 1))
    if isinstance(event, yaml.SequenceStartEvent):
        found = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(_value(event, events, depth + 1))
        return found
    return None


def blackboard(receipt: bytes, head: str) -> str | None:
    """The user name in Blackboard's text beside a submission, if `head` ends with it."""
    first = receipt.decode("utf-8-sig", "replace").lstrip().split("\n", 1)[0]
    told = re.search(r"\(([^()\s]+)\)\s*$", first)
    return told[1] if told and head.endswith(f"_{told[1]}") else None


def blackboard_users(
    heads: Iterable[str], told: Mapping[str, str], known: Iterable[str]
) -> dict[str, tuple[str, bool]]:
    """The user in each ASSIGNMENT_USER, and whether that is certain; both may hold a "_".

    `told` are the users by their receipts, `known` the users of a roster. Else the assignment
    is what all have in common; of one alone, the user is all that may be a user's name. Where
    it is not certain, ASSIGNMENT_USER as a whole is what tells two people apart.

    >>> blackboard_users(["Lab_3_ada", "Lab_3_b_o"], {}, [])
    {'Lab_3_ada': ('ada', False), 'Lab_3_b_o': ('b_o', False)}
    >>> blackboard_users(["Lab 3_a_quill"], {}, ["a_quill"])
    {'Lab 3_a_quill': ('a_quill', True)}
    """
    heads = sorted(set(heads))
    known = {user for user in known if user}
    common = _shared(heads[0], heads[-1]) if len(heads) > 1 else 0
    found = {}
    for head in heads:
        users = [head[each.end() :] for each in re.finditer("_", head)]
        users = [user for user in users if user and not re.search(r"\s", user)]
        on_roster = [user for user in users if user in known]
        if head in told:
            found[head] = told[head], True
        elif len(on_roster) == 1 or len(users) == 1:
            found[head] = (on_roster or users)[0], True
        elif users:
            shared = [user for user in users if len(head) - len(user) <= common]
            found[head] = (shared[-1] if shared else users[0]), False
    return found


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
