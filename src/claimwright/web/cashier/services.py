"""Everything that moves money taken by hand, by name."""

from claimwright.web.cashier.cards import (
    charge_kept,
    forget_means,
    kept_means,
    refund_to_card,
    refund_to_its_card,
    start_checkout,
    take_message,
)
from claimwright.web.cashier.counter import (
    count_drawer,
    make_slip,
    number_receipt,
    open_drawer,
    take_payment,
    use_receipt,
    void_slip,
)
from claimwright.web.cashier.paper import (
    PaperRefused,
    add_claim,
    discard_paper,
    find_versions,
    post_paper,
    save_paper,
    start_paper,
)
from claimwright.web.cashier.returns import (
    move_credit,
    note_bank_returns,
    record_return,
    settle_return,
    unapply_receipt,
)
from claimwright.web.cashier.virtual_cards import note_opt_out, record_virtual_card

__all__ = [
    "PaperRefused", "add_claim", "charge_kept", "count_drawer", "discard_paper", "find_versions", "forget_means",
    "kept_means", "make_slip", "move_credit",
    "note_bank_returns", "note_opt_out", "number_receipt", "open_drawer", "post_paper", "record_return",
    "record_virtual_card", "refund_to_card", "refund_to_its_card", "save_paper", "settle_return", "start_checkout", "start_paper",
    "take_message", "take_payment", "unapply_receipt", "use_receipt", "void_slip",
]  # fmt: skip
