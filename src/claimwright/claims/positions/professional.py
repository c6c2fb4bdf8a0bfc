"""Fields of a professional claim by the qualifier of their DTP or REF: 005010X222A1."""

from __future__ import annotations

GUIDE = "005010X222A1"
CLAIM_DATES = {
    "431": "onset_date",
    "454": "initial_treatment_date",
    "304": "last_seen_date",
    "439": "accident_date",
    "484": "last_menstrual_period",
    "435": "admission_date",
    "096": "discharge_date",
}
PROFESSIONAL_DATES = {
    "453": "acute_manifestation_date",
    "455": "last_xray_date",
    "471": "prescription_date",
    "297": "last_worked_date",
    "296": "return_to_work_date",
    "090": "assumed_care_date",
    "091": "relinquished_care_date",
    "444": "first_contact_date",
}
LINE_DATES = {
    "471": "prescription_date",
    "304": "last_seen_date",
    "738": "hemoglobin_test_date",
    "739": "creatinine_test_date",
    "011": "shipped_date",
    "455": "last_xray_date",
    "454": "initial_treatment_date",
}
EQUIPMENT_DATES = {
    "463": "begin_therapy_date",
    "607": "revision_date",
    "461": "last_certification_date",
}
PROFESSIONAL_REFERENCES = {
    "EW": "mammography_certification",
    "1J": "care_plan_oversight",
    "F5": "medicare_crossover",
}
LINE_REFERENCES = {
    "EW": "mammography_certification",
    "F4": "referring_clia",
    "BT": "immunization_batch",
}
