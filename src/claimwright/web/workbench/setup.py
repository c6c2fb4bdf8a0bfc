"""The way to what claims are judged and priced by: edits, own rules, code sets, contracts and prices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from claimwright.edits.catalogue import CATALOGUE
from claimwright.web.contracts.models import Contract
from claimwright.web.practice.models import Charge
from claimwright.web.submissions.models import LocalRuleVersion
from claimwright.web.workbench.pages import page, show


@page()
def setup(request: HttpRequest) -> HttpResponse:
    """Each with how much of it there is."""
    active = LocalRuleVersion.objects.filter(state=LocalRuleVersion.State.ACTIVE).count()
    ways = [
        ("edits", "Edits", f"{len(CATALOGUE)} checks that every claim passes, each with its page"),
        ("rules", "Own rules", f"{active} in force: what this practice asks beside the catalogue"),
        ("code_sets", "Code sets", "What is loaded for which days, imports, history"),
        (
            "contracts",
            "Contracts",
            f"{Contract.objects.count()} with payers, their rates and what a service is allowed",
        ),
        ("charge_master", "Prices", f"{Charge.objects.count()} rows of the charge master"),
    ]
    return show(request, "workbench/setup.html", {"ways": ways})
