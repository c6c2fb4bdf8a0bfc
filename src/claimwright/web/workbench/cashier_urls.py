"""Addresses of money taken by hand."""

from django.urls import URLPattern, path

from claimwright.web.workbench import counter, paper, remittance_papers

urlpatterns: list[URLPattern] = [
    path("paper/", paper.paper_list, name="paper_list"),
    path("paper/start/", paper.start_paper, name="start_paper"),
    path("paper/<uuid:paper_id>/", paper.paper, name="paper"),
    path("paper/<uuid:paper_id>/save/", paper.save_paper, name="save_paper"),
    path("counter/", counter.counter_page, name="counter"),
    path("counter/patients/<uuid:patient_id>/pay/", counter.take_payment, name="counter_payment"),
    path("counter/patients/<uuid:patient_id>/move/", counter.move_credit, name="move_credit"),
    path("counter/drawer/open/", counter.open_drawer, name="open_drawer"),
    path("counter/drawer/<uuid:drawer_id>/count/", counter.count_drawer, name="count_drawer"),
    path("counter/slips/", counter.make_slip, name="make_slip"),
    path("counter/slips/<uuid:slip_id>.pdf", counter.slip_pdf, name="slip_pdf"),
    path("counter/slips/<uuid:slip_id>/void/", counter.void_slip, name="void_slip"),
    path("counter/receipts/<uuid:receipt_id>.pdf", counter.receipt_pdf, name="receipt_pdf"),
    path("counter/receipts/<uuid:receipt_id>/returned/", counter.record_return, name="record_return"),
    path("counter/receipts/<uuid:receipt_id>/unapply/", counter.unapply, name="unapply_receipt"),
    path("counter/returned/<uuid:returned_id>/settle/", counter.settle_return, name="settle_return"),
    path("remittances/<uuid:remittance_id>/card/", counter.virtual_card, name="virtual_card"),
    path("remittances/<uuid:remittance_id>/eob.pdf", remittance_papers.remittance_eobs, name="remittance_eobs"),
    path("remittances/claims/<uuid:claim_payment_id>/eob.pdf", remittance_papers.claim_eob, name="claim_eob"),
]
