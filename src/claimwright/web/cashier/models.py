"""Money taken in by hand: paper remittances as typed, receipts, the cash drawer, deposit slips, cards, returned payments."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import PatientReceipt, Refund, Remittance, Statement
from claimwright.web.practice.models import Payer, Practice


class PaperRemittance(TenantModel):
    """A check with its paper explanation, as far as it is typed. Once posted it is the remittance it names."""

    class State(models.TextChoices):
        DRAFT = "draft", "Being typed"
        POSTED = "posted", "Posted"
        HELD = "held", "Held for a person"
        DISCARDED = "discarded", "Discarded"

    practice = models.ForeignKey(Practice, models.PROTECT)
    payer = models.ForeignKey(Payer, models.PROTECT)
    check_number = models.CharField(max_length=50)
    check_date = models.DateField()
    method = models.CharField(max_length=3, default="CHK")  # CHK, ACH, NON
    amount = money_field()
    grid = models.JSONField(default=dict)  # text as typed: billing.paper_remittance.read_grid
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    typed_by = models.CharField(max_length=150)
    typed_at = models.DateTimeField()
    remittance = models.OneToOneField(
        Remittance, models.PROTECT, null=True, blank=True, related_name="paper"
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["tenant", "state"])]


class VirtualCard(TenantModel):
    """A card number that a payer sent as the payment of a remittance. The number itself is never kept."""

    remittance = models.OneToOneField(Remittance, models.PROTECT, related_name="virtual_card")
    last_four = models.CharField(max_length=4)
    batch_number = models.CharField(max_length=40)  # the terminal's settlement it was run in: the bank names it
    run_on = models.DateField()
    fee_amount = money_field()  # what the processor keeps of it
    opted_out_on = models.DateField(null=True, blank=True)  # the payer was asked for EFT instead
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.CharField(max_length=150)


class CashDrawer(TenantModel):
    """One drawer from its opening float to its close."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        COUNTED = "counted", "Counted once"
        CLOSED = "closed", "Closed"

    practice = models.ForeignKey(Practice, models.PROTECT)
    opened_on = models.DateField()
    opened_by = models.CharField(max_length=150)
    float_amount = money_field()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    closed_on = models.DateField(null=True, blank=True)
    over_short_amount = money_field(default=0)  # above zero: over
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "practice"], condition=~models.Q(state="closed"), name="one_open_drawer_a_practice"
            )
        ]


class DrawerCount(TenantModel):
    """One person's count of an open drawer. A pair that differs stays as it was; both count again."""

    append_only = True

    drawer = models.ForeignKey(CashDrawer, models.PROTECT, related_name="counts")
    round_number = models.IntegerField()
    counted_by = models.CharField(max_length=150)
    counted_at = models.DateTimeField()
    amount = money_field()
    pieces = models.JSONField(default=dict)  # denomination to how many; empty where only the sum was given

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "drawer", "round_number", "counted_by"], name="counted_once_a_round"
            )
        ]


class DepositSlip(TenantModel):
    """Checks and cash brought to the bank as one sum, which the bank shows as one line."""

    practice = models.ForeignKey(Practice, models.PROTECT)
    number = models.CharField(max_length=20)
    made_on = models.DateField()
    made_by = models.CharField(max_length=150)
    cash_amount = money_field()
    check_amount = money_field()
    over_short_amount = money_field(default=0)  # of the drawers in it; counted in the cash
    is_void = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="deposit_slip_number_once")]


class CounterReceipt(TenantModel):
    """The numbered paper of a payment at the counter, and the drawer and slip its money went through."""

    receipt = models.OneToOneField(PatientReceipt, models.PROTECT, related_name="counter")
    number = models.CharField(max_length=20)
    drawer = models.ForeignKey(CashDrawer, models.PROTECT, null=True, blank=True, related_name="receipts")
    slip = models.ForeignKey(DepositSlip, models.PROTECT, null=True, blank=True, related_name="receipts")
    taken_by = models.CharField(max_length=150)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="receipt_number_once")]


class SlipDrawer(TenantModel):
    """A closed drawer's over or short, in the one slip that brings its cash."""

    slip = models.ForeignKey(DepositSlip, models.PROTECT, related_name="drawers")
    drawer = models.OneToOneField(CashDrawer, models.PROTECT, related_name="slip_of")


class SlipCheck(TenantModel):
    """A payer's check on a slip."""

    slip = models.ForeignKey(DepositSlip, models.PROTECT, related_name="checks")
    remittance = models.OneToOneField(Remittance, models.PROTECT, related_name="slip_of")


class CardAttempt(TenantModel):
    """One attempt to pay by the processor's hosted page. No card number ever comes here, only what is printed of it."""

    class State(models.TextChoices):
        STARTED = "started", "On the processor's page"
        CAPTURED = "captured", "Paid"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Given up"

    key = models.CharField(max_length=80)  # idempotency key of the attempt
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="card_attempts")
    practice = models.ForeignKey(Practice, models.PROTECT)
    statement = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="card_attempts")
    amount = money_field()
    processor = models.CharField(max_length=30)
    session = models.CharField(max_length=120)  # the processor's id of its page
    page = models.CharField(max_length=1000)  # where the patient is sent
    state = models.CharField(max_length=10, choices=State.choices, default=State.STARTED)
    started_at = models.DateTimeField()
    means = models.CharField(max_length=6, blank=True)  # card or ach
    brand = models.CharField(max_length=20, blank=True)
    last_four = models.CharField(max_length=4, blank=True)
    authorization_code = models.CharField(max_length=20, blank=True)
    reference = models.CharField(max_length=80, blank=True)  # the processor's id of the payment: refunds name it
    settlement = models.CharField(max_length=40, blank=True)  # batch in which the processor pays it out
    refunded_amount = money_field(default=0)
    receipt = models.OneToOneField(PatientReceipt, models.PROTECT, null=True, blank=True, related_name="card")
    lines = models.JSONField(default=list)  # ids of the lines that it pays first, such as a plan's
    is_kept = models.BooleanField(default=False)  # the processor is asked to keep the card or account, by consent
    charged = models.ForeignKey("KeptMeans", models.PROTECT, null=True, blank=True, related_name="charges")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="card_attempt_once"),
            models.UniqueConstraint(fields=["tenant", "processor", "session"], name="card_session_once"),
        ]


class KeptMeans(TenantModel):
    """A card or bank account that the processor keeps by the patient's consent. `token` is its name for it, no number."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="kept_means")
    practice = models.ForeignKey(Practice, models.PROTECT)
    attempt = models.OneToOneField(CardAttempt, models.PROTECT, related_name="kept")  # the payment it was kept with
    processor = models.CharField(max_length=30)
    token = models.CharField(max_length=120)
    means = models.CharField(max_length=6)
    brand = models.CharField(max_length=20, blank=True)
    last_four = models.CharField(max_length=4, blank=True)
    kept_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)
    ended_because = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "kept means"


class CardEvent(TenantModel):
    """A message of the processor whose signature held, kept once however often it comes."""

    append_only = True

    processor = models.CharField(max_length=30)
    event = models.CharField(max_length=120)
    kind = models.CharField(max_length=30)
    attempt = models.ForeignKey(CardAttempt, models.PROTECT, null=True, blank=True, related_name="events")
    content = models.JSONField()
    came_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "processor", "event"], name="card_event_once")]


class CardRefund(TenantModel):
    """Money given back on the card it came from, by the processor's own reference."""

    attempt = models.ForeignKey(CardAttempt, models.PROTECT, related_name="refunds")
    refund = models.OneToOneField(Refund, models.PROTECT, related_name="card_refund")
    amount = money_field()
    reference = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)


class ReturnedPayment(TenantModel):
    """A check or card payment that came back, until a person has settled it with the patient."""

    receipt = models.OneToOneField(PatientReceipt, models.PROTECT, related_name="returned")
    kind = models.CharField(max_length=10)  # nsf, chargeback
    returned_on = models.DateField()
    fee_amount = money_field(default=0)
    recorded_by = models.CharField(max_length=150)
    settled_on = models.DateField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=200, blank=True)


class CreditMove(TenantModel):
    """Unapplied money taken from one account to another, and why. Its entries are `credit-move/<id>/...`."""

    append_only = True

    source = models.UUIDField()  # patients by id and no reference: a merge of records does not change what was done
    target = models.UUIDField()
    amount = money_field()
    reason = models.CharField(max_length=200)
    moved_on = models.DateField()
    moved_by = models.CharField(max_length=150)
