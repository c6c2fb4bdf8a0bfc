"""Rows of this app in the back room."""

from claimwright.web.cashier import models
from claimwright.web.core.admin import register

register(
    look_only=(
        models.PaperRemittance,
        models.VirtualCard,
        models.CashDrawer,
        models.DrawerCount,
        models.DepositSlip,
        models.CounterReceipt,
        models.SlipDrawer,
        models.SlipCheck,
        models.CardAttempt,
        models.CardEvent,
        models.KeptMeans,
        models.CardRefund,
        models.ReturnedPayment,
        models.CreditMove,
    ),  # fmt: skip
)
