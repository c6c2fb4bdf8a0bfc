"""Rows of this app in the back room."""

from claimwright.web.bank import models
from claimwright.web.core.admin import register

register(
    set_up=(models.BankAccount,),
    look_only=(
        models.BankFile,
        models.BankStatement,
        models.BankLine,
        models.OpenLine,
        models.BankMatch,
        models.BankMatchLine,
        models.BankMatchPart,
    ),  # fmt: skip
)
