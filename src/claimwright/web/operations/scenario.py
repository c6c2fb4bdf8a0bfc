"""Playing a scenario: a written practice in a tenant of its own, step by step, with every balance after each.

`run_scenario` works on the current database connection; what it makes stays, so give it a scratch database.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from claimwright.ledger.transfers import Transfer
from claimwright.web.core.models import Tenant
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.operations.scenario_expect import Check, compare, compare_sent
from claimwright.web.operations.scenario_file import ScenarioFault, Step, load
from claimwright.web.operations.scenario_setup import connect, set_up
from claimwright.web.operations.scenario_state import Names, ledger, money_state, object_state, untouched_sums
from claimwright.web.operations.scenario_steps import REFUSALS, Desk
from claimwright.web.reports.indicators import kpis

__all__ = ["ScenarioFault", "ScenarioReport", "StepReport", "run_scenario"]

SPECIAL = ("during", "figures", "nothing_posted", "sent", "told")


class StepReport(msgspec.Struct, kw_only=True):
    """One step: what happened, what stands after it, what was expected."""

    number: int
    title: str
    on: date
    verb: str = ""
    refused: str = ""
    told: dict[str, Any] = {}
    state: dict[str, Any] = {}
    checks: list[Check] = []

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.met]


class ScenarioReport(msgspec.Struct, kw_only=True):
    """A run. `passed` is true when every expectation of every step was met."""

    title: str
    passed: bool
    expectations: int
    failures: list[str]
    steps: list[StepReport]


def run_scenario(path: Path) -> ScenarioReport:
    """Play the file in a fresh tenant of the current database. Raises ScenarioFault for a file that cannot be played."""
    scenario = load(path)
    tenant = Tenant.objects.create(
        slug=f"scenario-{uuid.uuid4().hex[:12]}", name=scenario.title[:120], fixed_date=scenario.today
    )
    names = Names()
    steps: list[StepReport] = []
    with tempfile.TemporaryDirectory(prefix="claimwright-scenario-") as folder:
        with tenant_scope(tenant):
            connection = connect(Path(folder))
            set_up(scenario, tenant, connection, names)
        desk = Desk(scenario, path.parent, tenant, connection, names)
        for number, step in enumerate(scenario.steps, 1):
            steps.append(_play(desk, number, step))
    failures = [
        f"step {step.number} ({step.title}): {check.place}: expected {check.expected}, found {check.found}"
        for step in steps
        for check in step.failed
    ]
    return ScenarioReport(
        title=scenario.title, passed=not failures, expectations=sum(len(step.checks) for step in steps),
        failures=failures, steps=steps,
    )  # fmt: skip


def _play(desk: Desk, number: int, step: Step) -> StepReport:
    if step.on is not None:
        desk.move_to(step.on)
    verb = step.verb()
    with tenant_scope(desk.tenant):
        before = ledger()
    refused = ""
    try:
        if verb is not None:
            desk.do(*verb)
    except REFUSALS as refusal:
        refused = str(refusal)
    with tenant_scope(desk.tenant):
        after = ledger()
        state = {**money_state(after, desk.names), **object_state(desk.names)}
        checks = _checks(desk, step, state, refused, before, after)
    return StepReport(
        number=number, title=step.title or (verb[0] if verb else "time passes"),
        on=desk.tenant.fixed_date or desk.scenario.today, verb=verb[0] if verb else "", refused=refused,
        told=desk.told, state=state, checks=checks,
    )  # fmt: skip


def _checks(
    desk: Desk,
    step: Step,
    state: Mapping[str, Any],
    refused: str,
    before: Sequence[Transfer],
    after: Sequence[Transfer],
) -> list[Check]:
    checks: list[Check] = []
    if refused or step.refused:
        met = bool(step.refused) and step.refused in refused
        checks.append(Check(place="refused", expected=step.refused or "nothing", found=refused or "nothing", met=met))
    expected = step.expect
    unknown = set(expected) - set(state) - set(SPECIAL)
    if unknown:
        raise ScenarioFault(f"expect knows no {', '.join(sorted(unknown))}")
    checks += compare({key: value for key, value in expected.items() if key not in SPECIAL}, state)
    if "told" in expected:
        checks += compare(expected["told"], desk.told, "told")
    if "sent" in expected:
        checks += compare_sent(expected["sent"], desk.sent_claims())
    if "figures" in expected:
        checks += compare(expected["figures"], _figures(desk), "figures")
    if expected.get("nothing_posted") == "true":
        same = untouched_sums(before) == untouched_sums(after)
        checks.append(
            Check(
                place="nothing_posted", expected="balances as before", met=same,
                found="balances as before" if same else "receivables, adjustments, credit or income changed",
            )
        )  # fmt: skip
    for moment in expected.get("during", ()):
        checks += _during(desk, moment, len(before), after)
    return checks


def _figures(desk: Desk) -> dict[str, Any]:
    """The practice's figures from the scenario's first day to today, by name."""
    today = desk.tenant.fixed_date or desk.scenario.today
    rows = kpis(start=desk.scenario.today, end=today, as_of=today)
    return {row.name: {"numerator": row.numerator, "denominator": row.denominator, "value": row.value} for row in rows}


def _during(desk: Desk, moment: Mapping[str, Any], start: int, after: Sequence[Transfer]) -> list[Check]:
    """Balances inside the step: right after the last of its entries with this type or reason."""
    wanted = str(moment.get("after", ""))
    found = [
        place for place in range(start, len(after)) if wanted in (after[place].entry_type.value, after[place].reason)
    ]
    place = f"during.{wanted}"
    if not found:
        return [Check(place=place, expected=f"an entry {wanted}", found="none", met=False)]
    state = money_state(after[: found[-1] + 1], desk.names)
    return list(compare({key: value for key, value in moment.items() if key != "after"}, state, place))
