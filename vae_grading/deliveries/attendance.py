"""Who on the roster has handed in nothing."""

from collections.abc import Iterable

from vae_grading.course.course import Course
from vae_grading.deliveries import identities
from vae_grading.deliveries.identities import Identities
from vae_grading.deliveries.roster import Person, Roster, person
from vae_grading.deliveries.sender import Sender, folder_name
from vae_grading.deliveries.teams import members
from vae_grading.plain_text import plain
from vae_helpers.errors import VaeLabError

MOST_NAMED = 50


def absent(
    course: Course, lab: str, store: Identities, handed_in: Iterable[Sender] = ()
) -> list[Person]:
    """Those on the remembered roster of whom nothing is in submitted/, as far as names tell.

    Of several people of one name none is listed when one of them has handed in something.
    """
    roster = Roster([person(each) for each in store.roster])
    there = {path.parent.name for path in course.submitted.glob(f"*/{lab}")}
    there |= {path.stem for path in course.submitted.glob("*.ipynb")}
    records = store.records.get(lab, {})
    there |= {each.folder for mates in members(store, lab)[0].values() for each in mates}
    senders = [*handed_in, *(records[name].sender for name in there if name in records)]
    senders += [Sender("folder name", name, "") for name in there if name not in records]
    found = {each for sender in senders for each in roster.find(sender)}
    folders = {name.casefold() for name in there}
    return [
        each
        for each in roster.people
        if each not in found and folder_name(each.folder or each.name).casefold() not in folders
    ]


def said(people: Iterable[Person]) -> str:
    """Their names in one line, in order."""
    names = sorted((plain(str(each)) for each in people), key=str.casefold)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def line(course: Course, lab: str) -> str:
    """Who has no submission of a lab, for those who read its marks; "" without a roster."""
    try:
        store = identities.read(course)
    except VaeLabError as error:
        return f"Who handed in nothing is not known: {error}"
    missing = absent(course, lab, store)
    if not missing:
        return ""
    everybody = len(store.roster)
    return f"No submission from {len(missing)} of the {everybody} on the roster: {said(missing)}"
