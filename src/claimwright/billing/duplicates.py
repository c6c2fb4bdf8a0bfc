"""Whether two records are one person: exact, or by points with the reason of each. Proposed only; a person decides.

Points add up evidence for and against, after Fellegi and Sunter (1969): rare agreement weighs more than common, and a
disagreement in what does not change weighs against. Nothing is ever merged by a score.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from claimwright.claims.nouns import Noun

LIKELY_POINTS, POSSIBLE_POINTS = 70, 55
MOST_POINTS = 100
CLOSE_NAME, ALIKE_NAME = Decimal("0.92"), Decimal("0.85")  # Jaro-Winkler similarity
CLOSE_STREET = 88  # per cent of rapidfuzz's token_sort_ratio
# Points for each agreement and against each disagreement.
WEIGHTS = {
    "last_name_same": 22, "last_name_close": 15, "last_name_differs": -12,
    "first_name_same": 18, "first_name_nickname": 14, "first_name_close": 12, "first_name_initial": 6,
    "first_name_differs": -22, "preferred_name": 14,
    "birth_date_same": 28, "birth_date_swapped": 18, "birth_date_one_digit": 14, "birth_date_differs": -25,
    "sex_differs": -8, "suffix_differs": -30, "middle_differs": -8,
    "ssn_same": 40, "ssn_differs": -35, "phone_same": 14, "email_same": 14, "member_id_same": 25, "address_same": 10,
}  # fmt: skip
SAYS = {
    "last_name_same": "Same last name", "last_name_close": "Last names nearly the same",
    "last_name_differs": "Last names differ", "first_name_same": "Same first name",
    "first_name_nickname": "One first name is short for the other", "first_name_close": "First names nearly the same",
    "first_name_initial": "One first name is the other's initial", "first_name_differs": "First names differ",
    "preferred_name": "The preferred name of one is the first name of the other",
    "birth_date_same": "Same date of birth", "birth_date_swapped": "Day and month of birth are swapped",
    "birth_date_one_digit": "Dates of birth differ in one digit", "birth_date_differs": "Dates of birth differ",
    "sex_differs": "Sex differs", "suffix_differs": "Suffixes differ: perhaps father and son",
    "middle_differs": "Middle names differ", "ssn_same": "Same social security number",
    "ssn_differs": "Social security numbers differ", "phone_same": "Same telephone", "email_same": "Same email address",
    "member_id_same": "Same member number of one payer", "address_same": "Same address",
    "twins": "Same birth, same home, other first name: perhaps twins",
    "sender_merged": "The system that sends both merged them",
}  # fmt: skip
# English short forms in wide use, each group one name. Common knowledge; extend freely.
NICKNAMES = (
    ("ROBERT", "BOB", "BOBBY", "ROB", "ROBBIE", "BERT"), ("WILLIAM", "BILL", "BILLY", "WILL", "LIAM", "WILLIE"),
    ("RICHARD", "RICK", "RICKY", "DICK", "RICH"), ("JAMES", "JIM", "JIMMY", "JAMIE"), ("JOHN", "JACK", "JOHNNY"),
    ("JOSEPH", "JOE", "JOEY"), ("THOMAS", "TOM", "TOMMY"), ("MICHAEL", "MIKE", "MICKEY"), ("CHARLES", "CHUCK", "CHARLIE"),
    ("EDWARD", "ED", "EDDIE", "TED", "NED"), ("ANTHONY", "TONY"), ("DANIEL", "DAN", "DANNY"), ("DAVID", "DAVE"),
    ("ANDREW", "ANDY", "DREW"), ("STEVEN", "STEPHEN", "STEVE"), ("KENNETH", "KEN", "KENNY"), ("RONALD", "RON", "RONNIE"),
    ("DONALD", "DON", "DONNIE"), ("GREGORY", "GREG"), ("JEFFREY", "JEFF", "GEOFFREY"), ("LAWRENCE", "LARRY"),
    ("NICHOLAS", "NICK"), ("BENJAMIN", "BEN"), ("SAMUEL", "SAM"), ("ALEXANDER", "ALEX", "SANDY"), ("MATTHEW", "MATT"),
    ("CHRISTOPHER", "CHRIS"), ("PATRICK", "PAT"), ("PETER", "PETE"), ("TIMOTHY", "TIM"), ("JOSHUA", "JOSH"),
    ("ELIZABETH", "LIZ", "BETH", "BETTY", "LIZZIE", "ELIZA", "LIBBY"), ("MARGARET", "PEGGY", "MEG", "MAGGIE", "MARGE"),
    ("KATHERINE", "CATHERINE", "KATE", "KATHY", "KATIE", "CATHY", "KAY"), ("PATRICIA", "PAT", "PATTY", "TRICIA"),
    ("DEBORAH", "DEBRA", "DEB", "DEBBIE"), ("BARBARA", "BARB"), ("SUSAN", "SUE", "SUSIE", "SUSANNE"),
    ("JENNIFER", "JEN", "JENNY"), ("REBECCA", "BECKY", "BECCA"), ("VICTORIA", "VICKY", "TORI"), ("DOROTHY", "DOT", "DOTTIE"),
    ("THERESA", "TERESA", "TERRY", "TESS"), ("CHRISTINE", "CHRISTINA", "CHRIS", "TINA"), ("PAMELA", "PAM"),
    ("SANDRA", "SANDY"), ("CYNTHIA", "CINDY"), ("JUDITH", "JUDY"), ("ANN", "ANNE", "ANNA", "ANNIE", "NANCY"),
    ("MARY", "MOLLY", "POLLY", "MARIE"), ("FRANCISCO", "PACO", "PANCHO"), ("JOSE", "PEPE"), ("GUADALUPE", "LUPE", "LUPITA"),
    ("IGNACIO", "NACHO"), ("JESUS", "CHUY"), ("ENRIQUE", "KIKE"), ("ROSARIO", "CHARO"), ("MERCEDES", "MERCHE"),
)  # fmt: skip
_GROUPS: dict[str, frozenset[int]] = {
    name: frozenset(at for at, group in enumerate(NICKNAMES) if name in group) for group in NICKNAMES for name in group
}


class Likeness(Noun, frozen=True, kw_only=True):
    """What is compared of one record. `ssn` is its blind index, `members` are payer and member number joined."""

    key: str = ""
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    preferred_name: str = ""
    birth_date: date | None = None
    sex: str = ""
    ssn: str = ""
    phones: tuple[str, ...] = ()
    email: str = ""
    street: str = ""
    postal_code: str = ""
    members: tuple[str, ...] = ()


class Match(Noun, frozen=True, kw_only=True):
    """0 to 100 points and why. `exact`: name, date of birth and sex are the same."""

    points: int
    exact: bool
    reasons: tuple[str, ...]  # keys of SAYS

    @property
    def is_likely(self) -> bool:
        return self.exact or self.points >= LIKELY_POINTS

    @property
    def is_possible(self) -> bool:
        return self.exact or self.points >= POSSIBLE_POINTS


def plain(name: str) -> str:
    """Letters only, upper case: O'Brien-Smith as OBRIENSMITH."""
    return "".join(character for character in name.upper() if character.isalpha())


def compare(one: Likeness, other: Likeness) -> Match:
    """How alike the two are; the order of the two makes no difference."""
    reasons = [_last(one, other), _first(one, other), _birth(one, other)]
    if one.sex and other.sex and "U" not in (one.sex, other.sex) and one.sex != other.sex:
        reasons.append("sex_differs")
    if one.suffix and other.suffix and one.suffix != other.suffix:
        reasons.append("suffix_differs")
    middles = (plain(one.middle_name), plain(other.middle_name))
    if all(middles) and not (middles[0].startswith(middles[1]) or middles[1].startswith(middles[0])):
        reasons.append("middle_differs")
    if one.ssn and other.ssn:
        reasons.append("ssn_same" if one.ssn == other.ssn else "ssn_differs")
    if set(one.phones) & set(other.phones):
        reasons.append("phone_same")
    if one.email and one.email.lower() == other.email.lower():
        reasons.append("email_same")
    if set(one.members) & set(other.members):
        reasons.append("member_id_same")
    if _same_home(one, other):
        reasons.append("address_same")
    found = [reason for reason in reasons if reason]
    points = sum(WEIGHTS[reason] for reason in found)
    if {"first_name_differs", "birth_date_same", "address_same"} <= set(found) and "ssn_same" not in found:
        found.append("twins")
        points = min(points, POSSIBLE_POINTS - 1)
    exact = (
        bool(plain(one.last_name))
        and plain(one.last_name) == plain(other.last_name)
        and plain(one.first_name) == plain(other.first_name)
        and one.birth_date is not None
        and one.birth_date == other.birth_date
        and one.sex == other.sex
        and not {"suffix_differs", "ssn_differs"} & set(found)
    )
    return Match(points=max(0, min(MOST_POINTS, points)), exact=exact, reasons=tuple(found))


def _last(one: Likeness, other: Likeness) -> str:
    names = (plain(one.last_name), plain(other.last_name))
    if not all(names):
        return ""
    if names[0] == names[1]:
        return "last_name_same"
    parts = [{plain(part) for part in side.last_name.replace("-", " ").split()} - {""} for side in (one, other)]
    if parts[0] & parts[1] or JaroWinkler.similarity(*names) >= ALIKE_NAME:  # a married name keeps one half
        return "last_name_close"
    return "last_name_differs"


def _first(one: Likeness, other: Likeness) -> str:
    names = (plain(one.first_name), plain(other.first_name))
    if not all(names):
        return ""
    if names[0] == names[1]:
        return "first_name_same"
    if _GROUPS.get(names[0], frozenset()) & _GROUPS.get(names[1], frozenset()):
        return "first_name_nickname"
    if names[0] == plain(other.preferred_name) or names[1] == plain(one.preferred_name):
        return "preferred_name"
    if JaroWinkler.similarity(*names) >= CLOSE_NAME:
        return "first_name_close"
    if min(map(len, names)) == 1 and names[0][0] == names[1][0]:
        return "first_name_initial"
    return "first_name_differs"


def _birth(one: Likeness, other: Likeness) -> str:
    first, second = one.birth_date, other.birth_date
    if first is None or second is None:
        return ""
    if first == second:
        return "birth_date_same"
    if (first.year, first.month, first.day) == (second.year, second.day, second.month):
        return "birth_date_swapped"
    differing = sum(a != b for a, b in zip(first.isoformat(), second.isoformat(), strict=True))
    return "birth_date_one_digit" if differing == 1 else "birth_date_differs"


def _same_home(one: Likeness, other: Likeness) -> bool:
    if not (one.street and other.street) or one.postal_code[:5] != other.postal_code[:5]:
        return False
    return fuzz.token_sort_ratio(one.street.upper(), other.street.upper()) >= CLOSE_STREET
