"""Words that are no password here: those that whoever knows the office would try first (ASVS 5.0, 6.1.2 and 6.2.11)."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from claimwright.web.core.models import User

# Of the product and the trade. The office's own name, its roles and the person's own names come to these.
WORDS = (
    "claimwright", "admin", "administrator", "account", "billing", "claim", "claims", "clinic", "doctor", "family",
    "health", "hospital", "login", "medical", "medicine", "office", "password", "patient", "patients", "practice",
    "qwerty", "secret", "welcome",
)  # fmt: skip
LEFT = 8  # letters that must be no part of such a word
SHORTEST = 4  # shorter parts of a name are parts of many other words
_LETTERS = str.maketrans("0134578@$!l", "oieastbasii")  # 1 stands for i and for l: they are one here


class OwnWordsValidator:
    """Refuses a password that is little more than such words, with digits, marks and the usual letters in their place."""

    def validate(self, password: str, user: User | None = None) -> None:
        left = plain = _plain(password)
        for word in sorted(words_of(user), key=len, reverse=True):
            left = left.replace(word, "")
        if left != plain and len(left) < LEFT:
            raise ValidationError(self.get_help_text(), code="own_words")

    def get_help_text(self) -> str:
        return (
            "It is made of names and words that anybody would try who knows the office: "
            f"have at least {LEFT} letters that are no part of them."
        )


def words_of(user: User | None) -> set[str]:
    """Lower case, without marks: of the product and the trade, of the person, and of the office she works for."""
    names = [*WORDS, *User.Role.values]
    if user is not None:
        names += [user.get_username(), user.get_full_name(), user.tenant.name if user.tenant else ""]
    parts = {_plain(part) for name in names for part in (name, *re.split(r"[\W_]+", name))}
    return {part for part in parts if len(part) >= SHORTEST}


def _plain(text: str) -> str:
    return "".join(one for one in text.lower().translate(_LETTERS) if one.isalpha())
