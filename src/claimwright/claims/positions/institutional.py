"""Fields of an institutional claim: 005010X223A2."""

from __future__ import annotations

GUIDE = "005010X223A2"

# Fields of InpatientAdjudication and OutpatientAdjudication and their elements in MIA and MOA.
INPATIENT_NUMBERS = {
    "covered_days": 1,
    "lifetime_psychiatric_days": 3,
    "drg_amount": 4,
    "disproportionate_share_amount": 6,
    "msp_pass_through_amount": 7,
    "pps_capital_amount": 8,
    "capital_federal_amount": 9,
    "capital_hospital_amount": 10,
    "capital_disproportionate_share_amount": 11,
    "old_capital_amount": 12,
    "capital_teaching_amount": 13,
    "operating_hospital_amount": 14,
    "cost_report_days": 15,
    "operating_federal_amount": 16,
    "capital_outlier_amount": 17,
    "teaching_amount": 18,
    "professional_component_amount": 19,
    "capital_exception_amount": 24,
}
INPATIENT_REMARKS = (5, 20, 21, 22, 23)
OUTPATIENT_NUMBERS = {
    "reimbursement_rate": 1,
    "payable_amount": 2,
    "end_stage_renal_amount": 8,
    "professional_component_amount": 9,
}
