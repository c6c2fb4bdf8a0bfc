"""What level 4 says: each situation with its severity, the place in a guide that asks for it, our words and the fix.

The sources name the segment of an implementation guide whose situational rule or note is meant. Ids are for ever.
"""

# fmt: off
from __future__ import annotations

import msgspec

from claimwright.x12.faults import Severity

REJECT, WARN, INFO = Severity.REJECT, Severity.WARN, Severity.INFO
P, I, D, R = "005010X222A1", "005010X223A2", "005010X224A2", "005010X221A1"  # noqa: E741
E, M = "005010X279A1", "005010X220A1"
CLAIMS = f"{P}, {I}, {D}"


class Situation(msgspec.Struct, frozen=True):
    """One rule of level 4. `source`: guide(s) and place."""

    id: str
    severity: Severity
    source: str
    says: str
    fix: str


_ROWS: tuple[tuple[str, Severity, str, str, str], ...] = (
    # --- levels, subscriber, patient
    ("SNIP4-HL-CHILD", REJECT, "every guide with levels: HL04",
     "HL04 and the levels below do not agree", "Set HL04 to 1 only above a level"),
    ("SNIP2-LS-MISSING", REJECT, f"{E}: 2110C and 2110D LS; {M}: 2000 LS",
     "No LS stands before the loops that it opens", "Send LS before the first of them"),
    ("SNIP2-LE-MISSING", REJECT, f"{E}: 2110C and 2110D LE; {M}: 2000 LE",
     "No LE stands behind the loops that LS opened", "Send LE behind the last of them"),
    ("SNIP2-LS-EMPTY", WARN, f"{E}: 2110C and 2110D LS; {M}: 2000 LS",
     "LS opens loops and none comes", "Leave LS and LE out where no loop stands between them"),
    ("SNIP4-SUBSCRIBER-DEMOGRAPHICS", REJECT, f"{CLAIMS}: 2010BA N3, N4, DMG",
     "The subscriber is the patient, so address, birth date and sex are needed", "Send N3, N4 and DMG in 2010BA"),
    ("SNIP4-PATIENT-LEVEL", WARN, f"{CLAIMS}: 2000B SBR02, 2000C",
     "SBR02 and the level of the claim do not agree", "SBR02 is 18 if, and only if, the subscriber is the patient"),
    ("SNIP4-BIRTH-AFTER-FILE", REJECT, f"{CLAIMS}: 2010BA and 2010CA DMG02; BHT04",
     "The birth date is after the date of the file", "Correct the birth date"),
    ("SNIP4-DEATH-BEFORE-BIRTH", REJECT, f"{P}, {I}: PAT06; DMG02",
     "The date of death is before the birth date", "Correct PAT06 or DMG02"),
    ("SNIP4-PATIENT-PREGNANT", WARN, f"{P}: 2000B and 2000C PAT09; DMG03",
     "Pregnancy is indicated and the sex sent is male", "Correct PAT09 or DMG03"),
    ("SNIP4-MEDICARE-SECONDARY-TYPE", REJECT, f"{P}: 2000B SBR05",
     "Medicare is not the first payer, so SBR05 must say why", "Send the insurance type in SBR05"),
    ("SNIP4-MEDICARE-SECONDARY-UNEXPECTED", WARN, f"{P}: 2000B SBR05",
     "SBR05 tells why Medicare pays after another, yet this payer is first or not Medicare", "Leave SBR05 out"),
    # --- providers
    ("SNIP4-BILLING-NPI", REJECT, f"{CLAIMS}: 2010AA NM108/09; 2010BB REF G2, LU",
     "The billing provider has neither an NPI nor a number given by the payer",
     "Send the NPI in NM109, or REF*G2 in 2010BB for a provider who can have none"),
    ("SNIP4-TAX-ID", REJECT, f"{CLAIMS}: 2010AA REF EI, SY",
     "A tax identification number is nine digits without separators", "Send nine digits"),
    ("SNIP4-TAX-ID-TWICE", REJECT, f"{CLAIMS}: 2010AA REF EI, SY",
     "The billing provider has two tax identification numbers", "Send either EI or SY, once"),
    ("SNIP4-BILLING-ZIP", REJECT, f"{CLAIMS}: 2010AA N403",
     "The billing provider's ZIP code in the United States has nine digits", "Send the ZIP+4 without hyphen"),
    ("SNIP4-FACILITY-ZIP", REJECT, f"{P}: 2310C, 2420C; {I}: 2310E; {D}: 2310C, 2420D: N403",
     "The service facility's ZIP code in the United States has nine digits", "Send the ZIP+4 without hyphen"),
    ("SNIP4-ZIP-FILLER", WARN, f"{CLAIMS}: 2010AA and service facility N403",
     "The last four digits of the ZIP code are a filler", "Send the real ZIP+4"),
    ("SNIP4-BILLING-STREET", WARN, f"{CLAIMS}: 2010AA N3",
     "The billing provider's address is a post office box", "Send the street; the box goes to the pay-to address"),
    ("SNIP4-PAY-TO-SAME", WARN, f"{CLAIMS}: 2010AB",
     "The pay-to address is the billing provider's own", "Leave 2010AB out"),
    ("SNIP4-FACILITY-SAME", WARN, f"{P}: 2310C; {I}: 2310E; {D}: 2310C",
     "The service facility is the billing provider at the same address", "Leave the facility loop out"),
    ("SNIP4-RENDERING-SAME", WARN, f"{P}, {D}: 2310B; {I}: 2310D",
     "The rendering provider is the billing provider", "Leave the rendering loop out"),
    ("SNIP4-PRIMARY-CARE-ALONE", WARN, f"{P}, {D}: 2310A NM101",
     "A single referral is sent as DN, not as P3", "Send DN for the referring provider first"),
    ("SNIP4-ATTENDING", REJECT, f"{I}: 2310A",
     "The claim names no attending provider, which only non-scheduled transport may leave out",
     "Send 2310A with NM1*71"),
    ("SNIP4-OPERATING", WARN, f"{I}: 2310B",
     "A surgical procedure is listed and no operating physician", "Send 2310B with NM1*72"),
    # --- the claim itself
    ("SNIP4-CLAIM-DUPLICATE", WARN, f"{CLAIMS}: 2300 CLM01",
     "The same CLM01 twice in one transaction", "Give each claim its own number"),
    ("SNIP4-CLAIM-NUMBER-LENGTH", WARN, f"{CLAIMS}: 2300 CLM01",
     "Receivers need to keep no more than 20 characters of CLM01", "Use at most 20 characters"),
    ("SNIP4-CHARGE-NEGATIVE", REJECT, f"{CLAIMS}: 2300 CLM02; 2400 SV102, SV203, SV302",
     "A charge is negative", "Send zero or more"),
    ("SNIP4-REPLACEMENT-REFERENCE", REJECT, f"{CLAIMS}: 2300 REF F8; CLM05-3",
     "A replacement or void names no earlier claim", "Send the payer's claim number in REF*F8"),
    ("SNIP4-REPLACEMENT-UNEXPECTED", WARN, f"{CLAIMS}: 2300 REF F8; CLM05-3",
     "An original claim names an earlier one", "Leave REF*F8 out, or say 7 or 8 in CLM05-3"),
    ("SNIP4-REFERENCE-PLACEHOLDER", WARN, f"{CLAIMS}: 2300 REF G1, 9F, F8",
     "The number is a placeholder", "Send the number or leave the segment out"),
    ("SNIP4-ATTACHMENT-CONTROL", REJECT, f"{CLAIMS}: PWK05/06",
     "An attachment that travels apart has no control number", "Send AC and the number in PWK05 and PWK06"),
    ("SNIP4-LIABILITY-CAUSE", WARN, f"{P}, {D}: CLM11; SBR09",
     "The payer is a workers' compensation or automobile insurer and CLM11 does not say so",
     "Send EM or AA in CLM11"),
    ("SNIP4-ACCIDENT-DATE", REJECT, f"{P}, {D}: 2300 DTP 439; CLM11",
     "An accident has no date", "Send DTP*439"),
    ("SNIP4-ACCIDENT-STATE", REJECT, f"{P}, {D}: CLM11-4, CLM11-5",
     "An automobile accident has neither state nor country", "Send CLM11-4, or CLM11-5 outside the country"),
    ("SNIP4-ACCIDENT-CAUSE", WARN, f"{P}, {D}: CLM11; 2300 DTP 439",
     "An accident date without a cause in CLM11", "Send the cause in CLM11 or leave DTP*439 out"),
    ("SNIP4-ACCIDENT-REPEATED", WARN, f"{P}, {D}: CLM11-1, CLM11-2",
     "CLM11 has the same cause twice", "Send it once"),
    ("SNIP4-EPSDT-CONDITION", REJECT, f"{P}, {I}: 2300 CRC ZZ",
     "CRC02 N goes with NU, and only with it", "Send NU where no referral was given"),
    # --- diagnoses
    ("SNIP4-DIAGNOSIS-POINTER", REJECT, f"{P}: SV107; {D}: SV311",
     "The line points at a diagnosis that the claim does not have", "Point at a diagnosis in HI"),
    ("SNIP4-DIAGNOSIS-POINTER-REPEATED", WARN, f"{P}: SV107; {D}: SV311",
     "The line points at one diagnosis twice", "Point at each diagnosis once"),
    ("SNIP4-DIAGNOSIS-POINTER-GAP", REJECT, f"{P}: SV107; {D}: SV311",
     "A diagnosis pointer follows an empty one", "Fill the pointers from the first"),
    ("SNIP4-DIAGNOSIS-POINTER-MISSING", INFO, f"{D}: SV311",
     "The claim has a diagnosis and the line points at none", "Point at the diagnosis in SV311"),
    ("SNIP4-DIAGNOSIS-DUPLICATE", REJECT, f"{CLAIMS}: 2300 HI",
     "The same diagnosis twice", "Send each diagnosis once"),
    ("SNIP4-DIAGNOSIS-PRINCIPAL", REJECT, f"{CLAIMS}: 2300 HI ABK, BK",
     "The principal diagnosis stands first, and there is one", "Send one ABK, then the ABFs"),
    ("SNIP4-DIAGNOSIS-VERSION", REJECT, f"{CLAIMS}: 2300 HI",
     "ICD-9 and ICD-10 diagnoses in one claim", "Split the claim at the change of code set"),
    ("SNIP4-DIAGNOSIS-DATE", REJECT, f"{CLAIMS}: 2300 HI; 45 CFR 162.1002(c)",
     "ICD-10 is for services from 2015-10-01 on, ICD-9 for those before", "Use the code set of the date of service"),
    # --- dates
    ("SNIP4-ADMISSION-DATE", REJECT, f"{P}, {I}: 2300 DTP 435",
     "An inpatient claim has no admission date", "Send DTP*435"),
    ("SNIP4-DISCHARGE-BEFORE-ADMISSION", REJECT, f"{P}: 2300 DTP 096, 435",
     "The discharge is before the admission", "Correct DTP*096 or DTP*435"),
    ("SNIP4-ADMISSION-AFTER-STATEMENT", REJECT, f"{I}: 2300 DTP 434, 435",
     "The admission is after the statement period", "Correct DTP*434 or DTP*435"),
    ("SNIP4-DATE-ORDER", WARN, f"{P}, {D}: 2300 DTP; {R}: 2100 DTM",
     "Two dates are in the wrong order", "Correct one of them"),
    ("SNIP4-SERVICE-BEFORE-BIRTH", REJECT, f"{CLAIMS}: DTP 472, 434; DMG02",
     "A service is before the patient's birth", "Correct the service date or DMG02"),
    ("SNIP4-SERVICE-AFTER-DEATH", WARN, f"{P}, {I}: DTP 472, 434; PAT06",
     "A service is after the patient's death", "Correct the service date or PAT06"),
    ("SNIP4-SERVICE-AFTER-FILE", WARN, f"{CLAIMS}: DTP 472, 434; BHT04; {R}: DTM 472; BPR16",
     "A service is later than the file", "Correct the service date"),
    ("SNIP4-LINE-DATE", REJECT, f"{I}: 2400 DTP 472",
     "The line has no date of service and the statement covers more than a day", "Send DTP*472 on the line"),
    ("SNIP4-LINE-DATE-OUTSIDE", REJECT, f"{I}: 2400 DTP 472; 2300 DTP 434",
     "A line's date is outside the statement period", "Correct the line or DTP*434"),
    # --- lines
    ("SNIP2-LX-SEQUENCE", REJECT, f"{CLAIMS}: 2400 LX01", "Lines are numbered 1, 2, 3 ... within a claim",
     "Number the lines of each claim from 1"),
    ("SNIP4-QUANTITY", REJECT, f"{P}: SV104; {I}: SV205; {D}: SV306; 2410 CTP04",
     "A quantity is not more than zero", "Send what was done, at least 1"),
    ("SNIP4-QUANTITY-ZERO", WARN, f"{I}: SV205", "The line has no units", "Send the units of the line"),
    ("SNIP4-AMBULANCE-TRANSPORT", REJECT, f"{P}: CR1 in 2300 or 2400",
     "An ambulance line has no transport information", "Send CR1"),
    ("SNIP4-AMBULANCE-CONDITION", WARN, f"{P}: CRC 07 in 2300 or 2400",
     "An ambulance line has no condition", "Send CRC*07 where a condition applies"),
    ("SNIP4-AMBULANCE-ADDRESS", REJECT, f"{P}: 2310E and 2310F, or 2420G and 2420H",
     "An ambulance line has no pick-up or no drop-off address", "Send both addresses"),
    ("SNIP4-ANESTHESIA-MINUTES", REJECT, f"{P}: SV103", "Anesthesia is sent in minutes", "Send MJ and the minutes"),
    ("SNIP4-MINUTES-UNEXPECTED", WARN, f"{P}: SV103", "Minutes are for anesthesia", "Send UN and the units"),
    ("SNIP4-CLIA-FORMAT", REJECT, f"{P}: REF X4", "A CLIA number is two digits, D and seven digits",
     "Send the laboratory's CLIA number"),
    ("SNIP4-MAMMOGRAPHY", WARN, f"{P}: REF EW", "A mammography line has no certification number", "Send REF*EW"),
    ("SNIP4-DESCRIPTION-MISSING", WARN, f"{P}: SV101-7; {I}: SV202-7; {D}: SV301-7",
     "An unlisted procedure has no description", "Describe it in component 7"),
    ("SNIP4-PURCHASED-SERVICE", WARN, f"{P}: 2400 PS1; 2420B",
     "A purchased service names no provider of it", "Send 2420B"),
    # --- coordination of benefits
    ("SNIP4-PAYER-SEQUENCE", REJECT, f"{CLAIMS}: 2000B and 2320 SBR01",
     "Two payers have the same place in the order", "Give each payer of the claim its own SBR01"),
    ("SNIP4-PAYER-SEQUENCE-MISSING", WARN, f"{CLAIMS}: 2320",
     "A later payer's claim names no earlier payer", "Send a 2320 for each payer before"),
    ("SNIP4-LINE-PAYER", REJECT, f"{CLAIMS}: 2430 SVD01; 2330B NM109",
     "SVD01 names no payer of the claim", "Use the NM109 of a 2330B"),
    ("SNIP4-PAYER-PAID-MISSING", REJECT, f"{CLAIMS}: 2320 AMT D",
     "The payer has adjudicated, yet what it paid is missing", "Send AMT*D, zero if nothing was paid"),
    ("SNIP4-ADJUDICATION-DATE", REJECT, f"{CLAIMS}: 2330B and 2430 DTP 573",
     "The payer has adjudicated, and no date says when", "Send DTP*573 in 2330B or in each 2430"),
    ("SNIP4-ADJUDICATION-DATE-TWICE", WARN, f"{CLAIMS}: 2330B and 2430 DTP 573",
     "The adjudication date stands at the claim and at its lines", "Send it at the lines only"),
    ("SNIP4-ADJUSTMENT-REPEATED", WARN, f"{CLAIMS}: 2320, 2430 CAS; {R}: 2100, 2110 CAS",
     "A group and reason come twice in one loop", "Add them up in one place"),
    ("SNIP4-ADJUSTMENT-ZERO", WARN, f"{CLAIMS}: 2320, 2430 CAS; {R}: 2100, 2110 CAS",
     "An adjustment of zero", "Leave it out"),
    ("SNIP4-ADJUSTMENT-GAP", WARN, f"{CLAIMS}: 2320, 2430 CAS; {R}: 2100, 2110 CAS",
     "An adjustment follows an empty place", "Fill CAS from the left"),
    # --- institutional
    ("SNIP4-ADMITTING-DIAGNOSIS", REJECT, f"{I}: 2300 HI ABJ, BJ", "A hospital inpatient claim has no admitting diagnosis",
     "Send HI*ABJ"),
    ("SNIP4-ADMITTING-UNEXPECTED", WARN, f"{I}: 2300 HI ABJ, BJ", "An outpatient claim has an admitting diagnosis",
     "Leave it out"),
    ("SNIP4-VISIT-REASON", WARN, f"{I}: 2300 HI APR, PR", "An unscheduled outpatient visit has no reason for the visit",
     "Send HI*APR"),
    ("SNIP4-VISIT-REASON-UNEXPECTED", WARN, f"{I}: 2300 HI APR, PR", "An inpatient claim has a reason for an outpatient visit",
     "Leave it out"),
    ("SNIP4-DISCHARGE-HOUR", WARN, f"{I}: 2300 DTP 096", "A final inpatient claim has no discharge hour", "Send DTP*096"),
    ("SNIP4-PATIENT-STATUS", WARN, f"{I}: CL103; CLM05-3",
     "The frequency and the patient's status do not agree on whether the stay is over",
     "Status 30 goes with frequency 2 and 3, not with 1 and 4"),
    ("SNIP4-PROCEDURE-DATE", WARN, f"{I}: 2300 HI BBR, BBQ; DTP 434", "A procedure is after the statement period",
     "Correct the procedure's date"),
    ("SNIP4-PROCEDURE-UNEXPECTED", WARN, f"{I}: 2300 HI BBR, BR", "ICD procedures are for inpatient claims",
     "Send HCPCS codes on the lines"),
    ("SNIP4-OTHER-PROCEDURE", REJECT, f"{I}: 2300 HI BBQ, BQ", "Other procedures without a principal one",
     "Send the principal procedure as BBR"),
    ("SNIP4-OCCURRENCE-DATE", REJECT, f"{I}: 2300 HI BH, BI, BBR, BBQ: component 4",
     "Not a date, or not a range from earlier to later", "Send CCYYMMDD, for a span CCYYMMDD-CCYYMMDD"),
    ("SNIP4-CODE-REPEATED", WARN, f"{I}: 2300 HI BG, BH, BI, BE", "The same code twice", "Send it once"),
    ("SNIP4-POA-UNEXPECTED", WARN, f"{I}: 2300 HI component 9", "Present on admission is for inpatient claims",
     "Leave the indicator out"),
    ("SNIP4-DRG-UNEXPECTED", WARN, f"{I}: 2300 HI DR", "A DRG on an outpatient claim", "Leave it out"),
    ("SNIP4-NONCOVERED", REJECT, f"{I}: SV207, SV203", "The non-covered charge is more than the line's charge",
     "Correct SV207"),
    ("SNIP4-REVENUE-TOTAL", WARN, f"{I}: SV201", "Revenue code 0001 is the paper form's total, not a service",
     "Leave the line out; CLM02 is the total"),
    ("SNIP4-ACCOMMODATION-DAYS", WARN, f"{I}: SV201, SV204", "Room and board is counted in days", "Send DA in SV204"),
    # --- dental
    ("SNIP4-PREDETERMINATION-DATE", WARN, f"{D}: CLM19; DTP 472", "A predetermination has a date of service",
     "Leave DTP*472 out before the service is done"),
    ("SNIP4-DENTAL-DATE", WARN, f"{D}: 2300 and 2400 DTP 472", "Neither the line nor the claim has a date of service",
     "Send DTP*472 on the claim or the line, or CLM19 PB when nothing is done yet"),
    ("SNIP4-PRIOR-PLACEMENT", REJECT, f"{D}: 2400 DTP 441; SV305", "A replacement prosthesis has no prior placement date",
     "Send DTP*441"),
    ("SNIP4-ORTHODONTICS", REJECT, f"{D}: 2300 DN1; SV301", "Orthodontic treatment has no months of treatment", "Send DN1"),
    ("SNIP4-ORTHODONTIC-MONTHS", REJECT, f"{D}: 2300 DN101, DN102", "More months remain than the treatment has",
     "Correct DN101 or DN102"),
    ("SNIP4-TOOTH-REPEATED", WARN, f"{D}: 2300 DN2; 2400 TOO", "The same tooth twice", "Send it once"),
    ("SNIP4-SURFACE-REPEATED", WARN, f"{D}: 2400 TOO03", "The same surface twice on one tooth", "Send it once"),
    ("SNIP4-SURFACE", WARN, f"{D}: 2400 TOO02, TOO03",
     "Front teeth have an incisal, back teeth an occlusal surface", "Correct the tooth or the surface"),
    # --- remittance
    ("SNIP4-PAYMENT-DUPLICATE", WARN, f"{R}: 2100 CLP", "The same claim payment twice in one transaction",
     "Send each payment once"),
    ("SNIP4-REVERSAL-SIGN", WARN, f"{R}: 2100 CLP02, CLP03, CLP04", "A reversal's amounts have the sign of the original",
     "Turn the signs"),
    ("SNIP4-REVERSAL-RESPONSIBILITY", WARN, f"{R}: 2100 CLP02, CLP05",
     "A reversal asks the patient to pay", "Leave CLP05 out of a reversal"),
    ("SNIP4-CROSSOVER-CARRIER", REJECT, f"{R}: 2100 NM1 TT; CLP02", "The claim was forwarded, and nobody is named",
     "Send NM1*TT"),
    ("SNIP4-CROSSOVER-UNEXPECTED", WARN, f"{R}: 2100 NM1 TT; CLP02", "A carrier is named and the claim was not forwarded",
     "Leave NM1*TT out or correct CLP02"),
    ("SNIP4-DENIED-PAID", WARN, f"{R}: 2100 CLP02, CLP04", "A denied claim is paid", "Correct CLP02 or CLP04"),
    ("SNIP4-PREDETERMINATION-PAID", WARN, f"{R}: 2100 CLP02, CLP04", "A predetermination is paid",
     "Correct CLP02 or CLP04"),
    ("SNIP4-PATIENT-RESPONSIBILITY", WARN, f"{R}: 2100 CLP05; CAS PR",
     "CLP05 is not the sum of the PR adjustments", "Correct CLP05 or the group codes"),
    ("SNIP4-UNITS-UNCHANGED", WARN, f"{R}: 2110 SVC07", "The original units are sent and are those paid",
     "Leave SVC07 out unless the units changed"),
    ("SNIP4-SERVICE-DATE-PAIR", REJECT, f"{R}: 2110 DTM 150, 151, 472", "A service has one date, or a first and a last",
     "Send 472 alone or 150 with 151"),
    ("SNIP4-SERVICE-DATE-MISSING", REJECT, f"{R}: 2100 DTM 232; 2110 DTM", "Neither the line nor the claim has a date",
     "Send DTM*472 on the line or DTM*232 on the claim"),
    ("SNIP4-STATEMENT-DATE-PAIR", REJECT, f"{R}: 2100 DTM 232, 233", "A statement period ends without a beginning",
     "Send DTM*232 too"),
    ("SNIP4-INPATIENT-AND-OUTPATIENT", REJECT, f"{R}: 2100 MIA, MOA", "Inpatient and outpatient adjudication in one claim",
     "Send MIA or MOA"),
    ("SNIP4-CORRECTED-NAME-EMPTY", WARN, f"{R}: 2100 NM1 74", "A correction corrects nothing",
     "Send what changed or leave NM1*74 out"),
    ("SNIP4-PAYMENT-ACCOUNT", REJECT, f"{R}: BPR06 to BPR10, BPR12 to BPR15",
     "An electronic payment lacks a bank or an account", "Fill BPR06-10 and BPR12-15"),
    ("SNIP4-PAYMENT-FORMAT", REJECT, f"{R}: BPR05", "An ACH payment has no format", "Send CCP or CTX in BPR05"),
    ("SNIP4-PAYMENT-METHOD", WARN, f"{R}: BPR01, BPR04", "Notice and method do not agree on whether money moves",
     "H goes with NON"),
    ("SNIP4-ROUTING-NUMBER", WARN, f"{R}: BPR07, BPR13", "A bank's routing number has a wrong check digit",
     "Correct the nine digits"),
    ("SNIP4-PROVIDER-ADJUSTMENT-REFERENCE", WARN, f"{R}: PLB03-2 and alike",
     "A recovery or balance names nothing it belongs to", "Send the reference in component 2"),
    ("SNIP4-PROVIDER-ADJUSTMENT-ZERO", WARN, f"{R}: PLB04 and alike", "A provider adjustment of zero", "Leave it out"),
    ("SNIP4-PROVIDER-ADJUSTMENT-REPEATED", WARN, f"{R}: PLB", "The same provider adjustment twice", "Send it once"),
    ("SNIP4-PROVIDER-ADJUSTMENT-GAP", WARN, f"{R}: PLB", "A provider adjustment follows an empty place",
     "Fill PLB from the left"),
    ("SNIP4-PAYEE-TAX-ID", INFO, f"{R}: 1000B REF TJ", "A payee named by NPI has no tax identification number",
     "Send REF*TJ"),
)
SITUATIONS: dict[str, Situation] = {row[0]: Situation(*row) for row in _ROWS}

# --- values the rules ask for; the guide or list they are from beside each

SELF = "18"  # SBR02
REPLACING = ("7", "8")  # CLM05-3: replacement, void (NUBC type of bill, third digit)
INPATIENT_PLACES = frozenset(("21", "51", "61"))  # POS: inpatient hospital, psychiatric, comprehensive rehabilitation
MEDICARE = ("MA", "MB")  # SBR09
LIABILITY = {"WC": "EM", "AM": "AA"}  # SBR09 and the cause in CLM11 that goes with it
ACCIDENTS = ("AA", "OA")  # CLM11: the date is demanded of these two; employment alone is not always an accident
SENT_APART = frozenset(("BM", "EL", "EM", "FX", "FT"))  # PWK02
PLACEHOLDERS = frozenset(("NA", "N/A", "NONE", "UNKNOWN", "PENDING", "TBD", "0", "00000", "000000000", "XXXX"))
ICD10_START = "20151001"  # 45 CFR 162.1002(c)
# Prose about a street is no box; these words are (USPS Publication 28, 281 and 282).
BOXES = ("PO BOX", "P O BOX", "P.O. BOX", "P.O.BOX", "P. O. BOX", "POST OFFICE BOX", "LOCK BOX", "LOCKBOX", "POBOX")
# Transport, not supplies: HCPCS Level II.
AMBULANCE = frozenset(
    ("A0225", "A0380", "A0390", "A0425", "A0426", "A0427", "A0428", "A0429", "A0430", "A0431", "A0432", "A0433",
     "A0434", "A0435", "A0436")
)
# Counted by the day or the area, not by the minute.
ANESTHESIA_UNITS = frozenset(("01953", "01996"))
MAMMOGRAPHY = frozenset(("77063", "77065", "77066", "77067", "G0279"))
# HCPCS codes for what has no code; CPT's end in 999 where they do not say so otherwise.
UNLISTED = frozenset(
    ("A4641", "A4649", "A9999", "B9998", "B9999", "E1399", "J3490", "J3590", "J7199", "J7599", "J7699",
     "J7799", "J7999", "J8499", "J8999", "J9999", "K0108", "L0999", "L1499", "L2999", "L3649", "L3999",
     "L5999", "L7499", "L8039", "L8499", "L8699", "Q4050", "Q4051", "S9999", "V2199", "V2499", "V2599",
     "V2799", "V5298")
)
# Claim dates in order: (earlier, later) by DTP01; "472" is the last service.  P: 2300 DTP
DATE_ORDER: tuple[tuple[str, str], ...] = (
    ("439", "472"),  # accident, service
    ("431", "472"),  # onset, service
    ("484", "472"),  # last menstrual period, service
    ("453", "472"),  # acute manifestation, service
    ("304", "472"),  # last seen, service
    ("297", "296"),  # last worked, return to work
    ("090", "091"),  # care assumed, relinquished
)
DATED = frozenset(name for pair in DATE_ORDER for name in pair) | {"435", "096"}
# NUBC type of bill, first two digits: facilities whose patients stay.
INPATIENT_BILLS = frozenset(("11", "18", "21", "28", "41", "65", "66", "86", "89"))
HOSPITAL_INPATIENT = frozenset(("11",))
# Dated by the stay or the month as a whole, or allowed to be: hospice, home health, inpatient part B.
LOOSELY_DATED_BILLS = INPATIENT_BILLS | {"12", "22", "32", "33", "34", "72", "81", "82"}
UNSCHEDULED_BILLS = frozenset(("13", "85"))
UNSCHEDULED_TYPES = frozenset(("1", "2", "5"))  # CL101: emergency, urgent, trauma
EMERGENCY_REVENUE = ("045", "0516", "0526", "0762")
TRANSPORT_REVENUE = "054"
STILL_PATIENT = "30"  # CL103
OPTIONAL_UNITS = ("0022", "0023", "0024")  # rate codes: HIPPS lines
# Universal numbering of the American Dental Association: permanent, deciduous, and supernumerary teeth of both.
TEETH = frozenset(
    [str(n) for n in range(1, 33)] + [f"0{n}" for n in range(1, 10)] + [str(n) for n in range(51, 83)]
    + list("ABCDEFGHIJKLMNOPQRST") + [f"{letter}S" for letter in "ABCDEFGHIJKLMNOPQRST"]
)
FRONT_TEETH = frozenset(
    [str(n) for n in (*range(6, 12), *range(22, 28), *range(56, 62), *range(72, 78))] + ["06", "07", "08", "09"]
    + list("CDEFGHMNOPQR") + [f"{letter}S" for letter in "CDEFGHMNOPQR"]
)
ORTHODONTIC = ("D801", "D802", "D803", "D804", "D807", "D808", "D809")  # limited and comprehensive treatment
FORWARDED = frozenset(("19", "20", "21", "23"))  # CLP02
REVERSAL, DENIED, PREDETERMINED = "22", "4", "25"
ELECTRONIC = frozenset(("ACH", "BOP", "FWT"))  # BPR04
REFERENCED = frozenset(("WO", "FB", "72"))  # PLB: withholding, forwarding balance, authorized return
