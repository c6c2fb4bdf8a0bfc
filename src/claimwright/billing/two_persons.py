"""Whether two acts are two persons': who asks for money to move never approves it, whatever they ask through.

A program acts with the token of the person who gave it one, so what it asks for is asked by that person.
"""

from __future__ import annotations

PROGRAM, GIVEN_BY = "program ", " of "
LONGEST = 150  # of an actor, in every table


def program_actor(name: str, given_by: str) -> str:
    """How a program stands on the record: `program NAME of PERSON`; the name is cut where both are too long."""
    whose = f"{GIVEN_BY}{given_by}"
    return f"{PROGRAM}{name[: LONGEST - len(PROGRAM) - len(whose)]}{whose}"


def person_behind(actor: str) -> str:
    """The person who answers for what an actor did: of a program the one who gave it its token, else the actor."""
    if not actor.startswith(PROGRAM):  # no name of a person holds a blank
        return actor
    return actor.rpartition(GIVEN_BY)[2] or actor


def is_one_person(one: str, other: str) -> bool:
    return person_behind(one) == person_behind(other)
