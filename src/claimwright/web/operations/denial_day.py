"""What denials need each day: sleepers wake, appeals are chased, scores follow the calendar, what repeats is proposed."""

from __future__ import annotations

from claimwright.billing.denials import OPEN_STATES
from claimwright.web.core import clock
from claimwright.web.core.services import resolve_work_items
from claimwright.web.denials.appeals import follow_appeals
from claimwright.web.denials.models import RecordsRequest
from claimwright.web.denials.prevention import promote_learned_rules, propose_rules
from claimwright.web.denials.services import wake_denials
from claimwright.web.payments.denial_scores import learn_chances, rescore_open

PROPOSING_WEEKDAY = 0  # Monday: three months of claims are read, which is not worth every evening


def follow_denials() -> None:
    """In the open tenant scope; doing it again on the same day changes nothing."""
    wake_denials()
    _close_records_requests()
    follow_appeals()
    learn_chances()
    rescore_open()
    if clock.today().weekday() == PROPOSING_WEEKDAY:
        propose_rules()
        promote_learned_rules()


def _close_records_requests() -> None:
    """Nobody needs the records of a denial that is settled."""
    settled = RecordsRequest.objects.filter(state=RecordsRequest.State.OPEN).exclude(denial__state__in=OPEN_STATES)
    keys = [f"records:{pk}" for pk in settled.values_list("pk", flat=True)]
    settled.update(state=RecordsRequest.State.CLOSED)
    resolve_work_items(keys=keys, resolution="the denial is settled")
