"""Advice: what a coder would consider, what the record must show for it, and how to ask. Never applied by itself."""

from __future__ import annotations

from claimwright.claims.basis import Noun

UNDETERMINED = "Clinically undetermined"
OTHER = "Other (please specify)"


class Evidence(Noun, frozen=True):
    """An excerpt of the record and where it stands."""

    excerpt: str = ""
    source: str = ""  # note id, section, claim line


class Question(Noun, frozen=True):
    """The wording of a provider query: open or with options that the record supports, without a word on payment."""

    text: str = ""
    options: tuple[str, ...] = ()


class Advice(Noun, frozen=True):
    """One thing to consider.

    `consider` are codes or modifiers that may fit, none chosen; `place` is the field it is about. `document` says what
    the record must show before anything is changed. `question` is given where only the provider can answer.
    """

    kind: str = ""  # modifier, specificity, laterality, excludes1, code_first, use_additional, seventh_character
    id: str = ""  # stable name of the rule, for tests and for switching off
    place: str = ""
    consider: tuple[str, ...] = ()
    reason: str = ""
    document: str = ""
    evidence: tuple[Evidence, ...] = ()
    question: Question | None = None
    source: str = ""  # where the rule comes from
