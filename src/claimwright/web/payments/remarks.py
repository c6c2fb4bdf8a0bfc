"""What a payer remarked on a claim version: by it a biller's next step is allowed or refused (`submissions.versions`)."""

from __future__ import annotations

import msgspec

from claimwright.claims.nouns import ClaimPayment as ClaimPaymentNoun
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.submissions.models import ClaimVersion

REVERSAL = "22"  # CLP02


def remarks_on(*, version: ClaimVersion) -> tuple[str, ...]:
    """The RARCs of the payer's last standing decision on the version, claim and lines, each once; () where there is none."""
    standing = ClaimPayment.objects.filter(version=version, reversed_by__isnull=True).exclude(status=REVERSAL)
    row = standing.exclude(state="held").order_by("-posting_order").first()
    if row is None:
        return ()
    content = msgspec.convert(row.content, ClaimPaymentNoun)
    return tuple(dict.fromkeys((*content.remarks, *(remark for line in content.lines for remark in line.remarks))))
