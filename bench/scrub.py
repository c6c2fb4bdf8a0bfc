"""How many claims a second one process scrubs, every edit armed, NCCI at its real size.

    python -m bench scrub                    the usual run: load, 10,000 and 100,000 claims, memory, a peer if there is one
    python -m bench scrub --million          1,000,000 claims as well (some ten minutes)
    python -m bench scrub --claims 5000      one size
    python -m bench scrub --slowest [N]      what each edit costs a claim, dearest first
    python -m bench scrub --peer PYTHON      beside claim-validator, installed for that interpreter

The tables are made once, in a process of their own, beneath the temporary folder. A claim's facts are made before the
clock starts, as `web` gathers them in a handful of queries for a batch. Memory is the peak of the whole process.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.scrub_data import LIMITS, PAIRS, ClaimMaker, Tables
from claimwright.claims.nouns import Claim
from claimwright.edits import shared
from claimwright.edits.catalogue import CATALOGUE
from claimwright.edits.engine import not_armed
from claimwright.edits.engine import run as run_edits
from claimwright.edits.facts import Facts
from claimwright.edits.shapes import Scope

FOLDER = Path(tempfile.gettempdir()) / f"claimwright-scrub-{PAIRS}-{LIMITS}-4"
SIZES = (10_000, 100_000)
MILLION = 1_000_000
CHUNK = 1_000
PROFILED, INTERRUPTED = 2_000, 0.03
PEER_CLAIMS = 2_000

TARGET_CLAIMS_A_SECOND, TARGET_LOAD_SECONDS, TARGET_MEGABYTES = 2_000, 3, 400


def prepared() -> Path:
    """The folder of prepared tables, made by another process if they are not there: its memory is not ours."""
    if not (FOLDER / "add_ons").exists():
        FOLDER.mkdir(exist_ok=True)
        command = "import sys, pathlib; from bench.scrub_data import prepare_tables; prepare_tables(pathlib.Path(sys.argv[1]))"
        subprocess.run([sys.executable, "-c", command, str(FOLDER)], check=True)
    return FOLDER


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def load() -> tuple[ClaimMaker, float]:
    """Opens the tables, reads the code sets, judges one claim. The seconds are those of opening and first use."""
    folder = prepared()
    begin = time.perf_counter()
    tables = Tables(folder)
    opened = time.perf_counter() - begin
    maker = ClaimMaker(tables)
    begin = time.perf_counter()
    for claim, facts in maker.claims(1):
        run_edits(claim, facts)
    first = time.perf_counter() - begin
    print(f"load: {opened * 1000:,.0f} ms for {len(tables.pairs):,} pairs and {len(tables.limits):,} unit limits")
    print(f"first claim: {first * 1000:,.0f} ms; code sets of ICD-10-CM and HCPCS are read when first asked")
    return maker, opened


def armed(facts: Facts) -> tuple[int, list[str]]:
    """How many edits of a claim run, and the ids of those that do not for want of facts."""
    lacking = sorted(finding.edit_id for finding in not_armed(facts))
    claim_edits = [each for each in CATALOGUE if each.scope is Scope.CLAIM]
    return len(claim_edits) - len(lacking), lacking


def scrub(maker: ClaimMaker, count: int) -> tuple[float, float, Counter[str], int]:
    """Seconds and processor seconds for `count` new claims, what was found, and how many claims were clean."""
    seconds, used, clean = 0.0, 0.0, 0
    found: Counter[str] = Counter()
    for first in range(0, count, CHUNK):
        batch = list(maker.claims(min(CHUNK, count - first), first))
        gc.collect()
        begin, spent = time.perf_counter(), time.process_time()
        results = [run_edits(claim, facts) for claim, facts in batch]
        seconds += time.perf_counter() - begin
        used += time.process_time() - spent
        for findings in results:
            clean += not findings
            found.update(finding.edit_id for finding in findings)
    return seconds, used, found, clean


def slowest(maker: ClaimMaker, most: int, count: int = PROFILED) -> None:
    """What each edit costs a claim within a run, codes seen before. Of shared answers, the first to ask pays.

    The dearest few of a hundred times of an edit are left out: another process had the processor.
    """
    batch = list(maker.claims(count))
    for claim, facts in batch:
        run_edits(claim, facts)
    edits = [each for each in CATALOGUE if each.scope is Scope.CLAIM]
    times: dict[str, list[int]] = {each.id: [] for each in edits}
    now = time.perf_counter_ns
    for claim, facts in batch:
        shared.begin(claim, facts)
        for each in edits:
            begin = now()
            for _ in each.check(claim, facts):
                pass
            times[each.id].append(now() - begin)
        shared.end()
    kept = round(count * (1 - INTERRUPTED))
    spent = {name: sum(sorted(each)[:kept]) / kept / 1000 for name, each in times.items()}
    total = sum(spent.values())
    print(f"{len(spent)} edits, {total:,.0f} us a claim, the clock itself included")
    for name, cost in sorted(spent.items(), key=lambda one: -one[1])[:most]:
        print(f"  {name:6} {cost:8.1f} us  {cost / total:6.1%}")


# Peer ----------------------------------------------------------------------------------------------------------------

# Runs in the peer's own interpreter: claims as JSON lines on standard input, "seconds findings" on standard output.
PEER = """
import json, sys, time
from claim_validator._version import __version__
from claim_validator.models.claim import ClaimData
from claim_validator.validators.pipeline import ValidationPipeline
pipeline = ValidationPipeline.from_settings(None)
rows, refused = [], 0
for line in sys.stdin:
    row = json.loads(line)
    try:
        pipeline.run(ClaimData(**row))
        rows.append(row)
    except ValueError:
        refused += 1
begin = time.process_time()
results = [pipeline.run(ClaimData(**row)) for row in rows]
seconds = time.process_time() - begin
findings = sum(len(result.findings) for result in results)
print(json.dumps({
    "version": str(__version__), "seconds": seconds, "claims": len(rows), "refused": refused, "findings": findings,
}))
"""


def for_peer(claim: Claim) -> dict[str, object]:
    """The claim as claim-validator reads it."""
    subscriber = claim.patient
    return {
        "billing_provider_npi": claim.billing_provider.npi,
        "billing_provider_taxonomy": claim.billing_provider.taxonomy,
        "rendering_provider_npi": claim.rendering.npi if claim.rendering else None,
        "subscriber_id": claim.coverage.member_id,
        "subscriber_first_name": subscriber.first_name,
        "subscriber_last_name": subscriber.last_name,
        "subscriber_dob": str(subscriber.birth_date),
        "subscriber_gender": subscriber.sex,
        "patient_first_name": subscriber.first_name,
        "patient_last_name": subscriber.last_name,
        "patient_dob": str(subscriber.birth_date),
        "patient_gender": subscriber.sex,
        "patient_relationship": "18",
        "payer_id": claim.coverage.payer.payer_id,
        "payer_name": claim.coverage.payer.name,
        "place_of_service": claim.place_of_service,
        "total_charge": float(claim.total_charge),
        "diagnosis_codes": [
            {"code": f"{one.code[:3]}.{one.code[3:]}".rstrip("."), "pointer": place}
            for place, one in enumerate(claim.diagnoses, 1)
        ],
        "lines": [
            {
                "procedure_code": line.procedure_code,
                "modifiers": list(line.modifiers),
                "diagnosis_pointers": list(line.diagnosis_pointers),
                "charge_amount": float(line.charge),
                "units": float(line.units),
                # It refuses dates after its own today: the year is taken back, which costs it nothing.
                "service_date_from": str(line.date_from.replace(year=2024)) if line.date_from else None,
                "place_of_service": claim.place_of_service,
            }
            for line in claim.lines
        ],
    }


def beside_peer(maker: ClaimMaker, python: str) -> None:
    """claim-validator's rule-based checks over the same claims, its pipeline built once; no AI, no network."""
    if not python and importlib.util.find_spec("claim_validator") is None:
        print("peer: claim-validator is not installed; install it elsewhere and name its interpreter by --peer")
        return
    rows = "\n".join(json.dumps(for_peer(claim)) for claim, _ in maker.claims(PEER_CLAIMS))
    try:
        done = subprocess.run(
            [python or sys.executable, "-c", PEER], input=rows, capture_output=True, text=True, check=True, timeout=600
        )
    except (OSError, subprocess.SubprocessError) as problem:
        told = getattr(problem, "stderr", "") or str(problem)
        print(f"peer: claim-validator could not run: {told.strip().splitlines()[-1] if told.strip() else problem}")
        return
    told = json.loads(done.stdout.splitlines()[-1])
    print(
        f"peer: claim-validator {told['version']}, its 11 rule-based checks (no NCCI pairs, limits or dates of codes): "
        f"{told['claims'] / told['seconds']:,.0f} claims a second of processor time, "
        f"{told['findings']:,} findings on {told['claims']:,} claims; "
        f"it refused {told['refused']:,} whose diagnosis codes it does not know for such (M1A.9 and the like)"
    )


def report(count: int, seconds: float, used: float, found: Counter[str], clean: int) -> None:
    rate = count / seconds
    print(
        f"{count:,} claims of 6 lines: {rate:,.0f} claims/s a process (target {TARGET_CLAIMS_A_SECOND:,}), "
        f"{count / used:,.0f} a second of processor time; {clean / count:.0%} clean, {sum(found.values()):,} findings; "
        f"peak {peak_megabytes():,.0f} MB (target {TARGET_MEGABYTES})"
    )


def run(sizes: tuple[int, ...] = SIZES, peer: str = "") -> float:
    """Prints everything and returns the claims a second of processor time of the largest size."""
    maker, opened = load()
    for _, facts in maker.claims(1):
        running, lacking = armed(facts)
        print(f"{running} edits of a claim armed; not armed: {', '.join(lacking) or 'none'}")
    rates = []
    found: Counter[str] = Counter()
    for count in sizes:
        seconds, used, found, clean = scrub(maker, count)
        report(count, seconds, used, found, clean)
        rates.append(count / used)
    print("found most: " + ", ".join(f"{name} {times:,}" for name, times in found.most_common(8)))
    if len(rates) > 1:
        print(
            f"growth: {rates[-1] / rates[0]:.2f} times the claims a processor second from {sizes[0]:,} to {sizes[-1]:,} (1.00 is linear)"
        )
    assert opened < TARGET_LOAD_SECONDS, f"loading took {opened:.1f} s"
    beside_peer(maker, peer)
    return rates[-1]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.scrub", description=__doc__.split("\n")[0] if __doc__ else ""
    )
    parser.add_argument("--claims", type=int, help="one size in place of 10,000 and 100,000")
    parser.add_argument("--million", action="store_true", help="1,000,000 claims as well")
    parser.add_argument("--slowest", type=int, nargs="?", const=25, help="what each edit costs, the dearest first")
    parser.add_argument("--peer", default="", help="a Python interpreter that has claim-validator")
    given = parser.parse_args(arguments)
    if given.slowest:
        maker, _ = load()
        slowest(maker, given.slowest, given.claims or PROFILED)
        return 0
    sizes = (given.claims,) if given.claims else SIZES
    run((*sizes, MILLION) if given.million else sizes, given.peer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
