"""The X12 verbs: what they print, write and refuse, on files, folders, archives and streams; exit status; starting light."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claimwright.cli import app
from claimwright.x12 import read
from tests.lib.golden_x12 import GOLDEN, PASSING, name_of
from tests.lib.x12_samples import CLEAN

ROOT = Path(__file__).parents[3]
GOOD = CLEAN["837P"].replace(b"ABF:R05~", b"ABF:R059~")
BAD = GOOD.replace(b"*IL*627011234~", b"*IL*62701~")
PAYMENT = CLEAN["835"]
VERBS = ("check", "read", "copy", "format", "split", "join", "diff", "mask", "ack", "stats", "to-parquet", "from-json")


def run(*words, feed: bytes | None = None):
    result = CliRunner().invoke(app, ["x12", *(str(word) for word in words)], input=feed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        if type(result.exception).__name__ != "Refused":
            raise result.exception
    return result


def refused(*words, feed: bytes | None = None) -> str:
    """The sentence with which the whole command line refuses, exit status 2."""
    result = CliRunner().invoke(app, ["x12", *(str(word) for word in words)], input=feed)
    assert type(result.exception).__name__ == "Refused", (result.output, result.exception)
    return str(result.exception)


def lines(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a good claim file, a bad one in a folder of its own, a payment in a zip and one in a gzip."""
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "good.edi").write_bytes(GOOD)
    (folder / "deep" / "bad.edi").write_bytes(BAD)
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        archive.writestr("inner/pay.835", PAYMENT)
        archive.writestr("ack.999", CLEAN["999"])
    (folder / "pay.edi.gz").write_bytes(gzip.compress(PAYMENT))
    return folder


# Sources ---------------------------------------------------------------------------------------------------------------


def test_folders_archives_and_gzips_are_entered(files):
    result = run("check", files, "--json")
    assert [Path(one["file"]).relative_to(files).as_posix() for one in lines(result)] == [
        "good.edi", "pay.edi.gz", "two.zip/inner/pay.835", "two.zip/ack.999", "deep/bad.edi"
    ]  # fmt: skip
    assert result.exit_code == 1
    assert [one["accepted"] for one in lines(result)] == [True, True, True, True, False]


def test_only_chooses_by_name(files):
    assert [Path(one["file"]).name for one in lines(run("check", files, "--json", "--only", "*.835"))] == ["pay.835"]


def test_standard_input_is_read_and_unpacked():
    assert run("check", "-", feed=GOOD).exit_code == 0
    assert run("check", "-", feed=gzip.compress(BAD)).exit_code == 1
    assert "save it as a file" in run("check", "-", feed=b"PK\x03\x04rest").stderr


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("absent.edi", None, "no such file"),
        ("empty.edi", b"", "the file is empty"),
        ("page.edi", b"<html>please sign in</html>", "no X12 file"),
        ("paper.edi", b"%PDF-1.7", "a PDF"),
        ("cut.edi.gz", gzip.compress(GOOD * 50)[:200], "damaged or cut off"),
        ("cut.zip", b"PK\x03\x04 and nothing more", "damaged"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence_and_does_not_stop_the_rest(tmp_path, name, content, says):
    path, good = tmp_path / name, tmp_path / "good.edi"
    good.write_bytes(GOOD)
    if content is not None:
        path.write_bytes(content)
    result = run("check", path, good, "--json")
    assert result.exit_code == 2
    assert says in result.stderr and "Traceback" not in result.stderr
    told, *rest = lines(result)
    assert says in told["error"] and [one["accepted"] for one in rest] == [True]


def test_many_refusals_are_told_in_few_lines(tmp_path):
    for number in range(30):
        (tmp_path / f"{number}.txt").write_text("no")
    result = run("check", tmp_path)
    assert len(result.stderr.splitlines()) == 11
    assert "and 20 more files" in result.stderr


def test_an_encrypted_member_is_named(tmp_path):
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.edi", GOOD)
    data = bytearray(path.read_bytes())
    data[data.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "locked.zip/a.edi: encrypted" in run("check", path).stderr


# check -----------------------------------------------------------------------------------------------------------------


def test_check_tells_place_rule_and_fix_and_hides_values(files):
    result = run("check", files / "deep/bad.edi")
    assert result.exit_code == 1
    assert "rejected, 1 transaction (837P 005010X222A1), 1 claim, 1 fault that rejects" in result.output
    assert "reject SNIP4-BILLING-ZIP" in result.output and "fix: " in result.output
    assert "N403 = 99999, segment 10, loop 2010AA, line 12, byte " in result.output
    assert "N403 = 62701" in run("check", files / "deep/bad.edi", "--show-values").output


def test_check_as_json_has_all_of_a_fault(files):
    (answer,) = lines(run("check", files / "deep/bad.edi", "--json"))
    (fault,) = answer["faults"]
    assert set(fault) == {
        "id", "snip", "severity", "segment_id", "segment", "byte", "line", "loop", "element", "component", "repeat",
        "claim", "value", "message", "fix",
    }  # fmt: skip
    assert (fault["id"], fault["snip"], fault["loop"], fault["element"]) == ("SNIP4-BILLING-ZIP", 4, "2010AA", 3)
    assert fault["value"] == "99999" and answer["faults_total"] == 1 and answer["records"] == {"837P": 1}


def test_check_lists_so_many_and_counts_all():
    data = GOOD.replace(b"UN*1***", b"XX*1***").replace(b"*MI*", b"*QQ*")
    (answer,) = lines(run("check", "-", "--json", "--most", "1", feed=data))
    assert len(answer["faults"]) == 1 and answer["faults_total"] > 2


def test_check_by_level(files):
    assert run("check", files / "deep/bad.edi", "--level", "2").exit_code == 0


def test_check_in_parallel_says_the_same(files):
    alone, together = (run("check", files, "--json", "--jobs", jobs) for jobs in (1, 2))
    assert lines(alone) == lines(together) and together.exit_code == 1


def test_check_as_of_a_day(files):
    assert run("check", files / "good.edi", "--today", "2026-08-03").exit_code == 0
    assert "a date such as" in refused("check", files / "good.edi", "--today", "soon")


# read and from-json ----------------------------------------------------------------------------------------------------


def test_read_gives_a_line_a_transaction_and_a_line_a_claim(files):
    (line,) = lines(run("read", files / "good.edi", "--json"))
    assert (line["kind"], line["control_number"], line["envelope"]["sender"]) == ("837P", "0001", "SENDER")
    assert line["noun"]["claims"][0]["total_charge"] == "150.00"
    found = lines(run("read", files / "pay.edi.gz", "--claims", "--json"))
    assert [one["claim"]["control_number"] for one in found] == ["CLAIM-1", "CLAIM-2"]


def test_read_shows_loops(files):
    text = run("read", files / "good.edi", "--loops").output
    assert re.search(r"\n( +)2010BA subscriber\n\1  NM1\*IL\*1\*ABLE\*ANNA", text)
    found = lines(run("read", files / "good.edi", "--loops", "--json"))
    assert [one["loop"] for one in found if one["text"].startswith("SVD")] == ["2430", "2430"]


ROUND = [path for path in PASSING if path.parent.parent.name != "997" and path.name.startswith("own-")]
CHANGED_BY_POLICY = {  # what the writers leave out because the guide says so
    "837D/pass/own-every-loop.edi", "837I/pass/own-every-loop.edi",
}  # fmt: skip


def nouns(result) -> list[object]:
    return [without_numbers(line["noun"]) for line in lines(result)]


def without_numbers(noun: object) -> object:
    """Without what tells of the very file: control numbers, places, fingerprint."""
    if isinstance(noun, dict):
        gone = ("fingerprint", "transaction_control_number", "group_control_number", "segment")
        return {key: without_numbers(value) for key, value in noun.items() if key not in gone}
    return [without_numbers(one) for one in noun] if isinstance(noun, list) else noun


@pytest.mark.parametrize("path", ROUND, ids=name_of)
def test_what_was_read_is_written_and_read_again(path, tmp_path):
    first = run("read", path, "--json")
    written = run("from-json", "-", "--out", tmp_path / "again.edi", feed=first.stdout.encode())
    assert written.exit_code == 0, written.output
    second = run("read", tmp_path / "again.edi", "--json")
    assert [one["envelope"] for one in lines(second)] == [one["envelope"] for one in lines(first)]
    if name_of(path) not in CHANGED_BY_POLICY:
        assert nouns(second) == nouns(first)


def test_a_ta1_is_read_and_written(tmp_path):
    run("ack", "-", "--out", tmp_path, feed=GOOD)
    first = run("read", tmp_path / "standard-input.edi.ta1", "--json")
    assert [line["kind"] for line in lines(first)] == ["TA1"]
    again = run("from-json", "-", feed=first.stdout.encode())
    assert again.stdout_bytes == (tmp_path / "standard-input.edi.ta1").read_bytes().replace(b"~", b"~\n")


def test_from_json_takes_another_envelope():
    line = run("read", "-", "--json", feed=GOOD).stdout.encode()
    made = run("from-json", "-", "--sender", "ME", "--usage", "P", "--control-number", "7", feed=line).stdout_bytes
    assert made.startswith(b"ISA*00*          *00*          *ZZ*ME             *ZZ*RECEIVER ")
    assert read(made).interchanges[0].control_number == "000000007"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{}", "no sender"),
        (b"not json", "no line of `read --json`"),
        (b"", "nothing to write"),
        (b'{"kind":"835","claim":{},"noun":null}', "without --claims"),
        (b'{"kind":"999","noun":{"code":5},"envelope":{"sender":"A","receiver":"B"}}', "the noun is none"),
        (b'{"kind":"997","noun":{},"envelope":{"sender":"A","receiver":"B"}}', "cannot be written"),
        (b'{"kind":"835","noun":{"trace_number":"A~B"},"envelope":{"sender":"A","receiver":"B"}}', "TRN02"),
    ],
)
def test_from_json_refuses_in_a_sentence(line, says):
    assert says in refused("from-json", "-", feed=line)


# copy, format, split, join, diff -----------------------------------------------------------------------------------------


def test_copy_proves_that_nothing_changed(files, tmp_path):
    result = run("copy", files, tmp_path / "out", "--json")
    assert result.exit_code == 0 and all(one["identical"] for one in lines(result))
    assert (tmp_path / "out/two.zip/inner/pay.835").read_bytes() == PAYMENT
    assert (tmp_path / "out/pay.edi").read_bytes() == PAYMENT
    assert "is there already" in run("copy", files, tmp_path / "out").stderr
    assert run("copy", files, tmp_path / "out", "--force").exit_code == 0
    assert "the file that is read" in run("copy", files / "good.edi", files / "good.edi", "--force").stderr
    assert not list(tmp_path.rglob("*.part"))


def test_a_member_cannot_lead_out_of_the_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../../escaped.edi", GOOD)
    assert run("copy", tmp_path / "bad.zip", tmp_path / "a/b/out").exit_code == 0
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.edi")] == [
        "a/b/out/bad.zip/escaped.edi"
    ]


def test_format_lays_out(files):
    assert run("format", files / "good.edi", "--unwrap").stdout_bytes == GOOD.replace(b"\n", b"")
    assert "\n      CLM*CLAIM-1" in run("format", files / "good.edi", "--indent").output
    assert b"CLM|CLAIM-1|150" in run("format", files / "good.edi", "--delimiters", "|:^~").stdout_bytes
    assert "four different characters" in refused("format", files / "good.edi", "--delimiters", "||")
    assert "--out FOLDER" in refused("format", files)
    clash = run("format", "-", "--delimiters", "| ^~".replace(" ", ":"), feed=GOOD.replace(b"ANNA", b"AN|A"))
    assert clash.exit_code == 2 and "NM104" in clash.stderr and "AN|A" not in clash.stderr


def test_split_and_join_and_diff(files, tmp_path):
    joined, parts = tmp_path / "joined.edi", tmp_path / "parts"
    (answer,) = lines(run("join", files / "good.edi", files / "deep/bad.edi", "--out", joined, "--json"))
    assert [one["transactions"] for one in answer["interchanges"]] == [2]
    (answer,) = lines(run("split", joined, "--out", parts, "--by", "claim", "--json"))
    assert [Path(name).name for name in answer["parts"]] == ["joined-001.edi", "joined-002.edi"]
    assert not [path for path in parts.iterdir() if path.name.startswith(".")]
    assert run("diff", files / "good.edi", parts / "joined-001.edi").exit_code == 0
    result = run("diff", files / "good.edi", parts / "joined-002.edi")
    assert result.exit_code == 1
    assert "N403: 627011234 -> 62701" in result.output and "1 segment differs." in result.output
    (line,) = lines(run("diff", files / "good.edi", parts / "joined-002.edi", "--json"))
    assert line["changes"] == [{"after": "62701", "before": "627011234", "component": 0, "element": 3}]


def test_split_refuses_to_break_a_payment(files, tmp_path):
    result = run("split", files / "pay.edi.gz", "--out", tmp_path / "parts", "--by", "claim")
    assert result.exit_code == 2 and "one payment" in result.stderr
    assert not list((tmp_path / "parts").glob("*"))


def test_join_refuses_what_is_not_there_and_streams(tmp_path):
    assert "no such file" in refused("join", tmp_path / "absent", "--out", tmp_path / "out")
    assert "a stream cannot be joined" in refused("join", "-", "--out", tmp_path / "out", feed=GOOD)
    assert not (tmp_path / "out").exists()


def test_diff_takes_two_files(files):
    assert "compare two files" in refused("diff", files, files / "good.edi")
    assert "there is no such" in refused("diff", files / "absent", files / "good.edi")


# mask, ack, stats, to-parquet --------------------------------------------------------------------------------------------


def test_mask_hides_people_alike_in_all_files(files, tmp_path):
    result = run("mask", files, "--out", tmp_path / "out", "--key", "k")
    assert result.exit_code == 0
    assert "Masked: " in result.stderr and "Left as they were: " in result.stderr
    claim, payment = ((tmp_path / "out" / name).read_bytes() for name in ("good.edi", "pay.edi"))
    assert b"ANNA" not in claim + payment
    number = claim[claim.index(b"CLM*") + 4 :].split(b"*")[0]
    assert b"CLP*" + number + b"*" in payment
    faults = [
        sorted(fault["id"] for one in lines(run("check", folder, "--json")) for fault in one["faults"])
        for folder in (files, tmp_path / "out")
    ]  # fmt: skip
    assert faults[0] == faults[1]


def test_mask_takes_its_key_from_a_file_or_the_environment(files, tmp_path, monkeypatch):
    key = tmp_path / "key"
    key.write_text("k\n")
    by_file = run("mask", files / "good.edi", "--key-file", key).stdout_bytes
    assert by_file == run("mask", files / "good.edi", "--key", "k").stdout_bytes
    monkeypatch.setenv("CLAIMWRIGHT_MASK_KEY", "k")
    assert by_file == run("mask", files / "good.edi").stdout_bytes
    monkeypatch.delenv("CLAIMWRIGHT_MASK_KEY")
    without = run("mask", files / "good.edi")
    assert without.stdout_bytes != by_file and "No key was given" in without.stderr
    assert "not both" in refused("mask", files / "good.edi", "--key", "k", "--key-file", key)


def test_ack_answers_beside_the_file(files):
    result = run("ack", files / "good.edi", files / "deep/bad.edi", "--when", "2026-08-04T09:05", "--json")
    assert result.exit_code == 1
    good, bad = lines(result)
    assert good["interchanges"][0]["claims"] == {"accepted": 1, "rejected": 0}
    assert bad["interchanges"][0]["claims"] == {"accepted": 0, "rejected": 1}
    names = sorted(path.name for path in files.glob("good.edi.*"))
    assert names == ["good.edi.277ca", "good.edi.999", "good.edi.ta1"]
    assert run("check", *files.glob("good.edi.*")).exit_code == 0
    assert "277CA: 1 claim rejected" in run("ack", files / "deep/bad.edi", "--force").output


def test_acknowledgements_are_not_acknowledged(files, tmp_path):
    result = run("ack", files / "two.zip", "--out", tmp_path / "out", "--only", "*.999")
    assert result.exit_code == 0 and "not acknowledged" in result.output
    assert not list(tmp_path.glob("out/**/*.999.*"))
    assert "say where" in run("ack", files / "two.zip").stderr


def test_stats_add_up(files):
    (answer,) = lines(run("stats", files, "--json"))
    assert answer["kinds"] == {"837P": 2, "835": 2, "999": 1}
    assert answer["amounts"]["charges"] == "300" and answer["amounts"]["paid"] == "360"
    assert answer["counts"]["claim"] == 2 and answer["counts"]["claim payment"] == 4
    assert {"reason": "CO-45", "times": 6, "amount": "100"} in answer["adjustments"]
    assert answer["faults"] == {"SNIP4-BILLING-ZIP": 1}
    assert "2 claims, charged $300.00" in run("stats", files, "--no-faults").output


def test_to_parquet_writes_typed_tables(files, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    (answer,) = lines(
        run("to-parquet", files, GOLDEN / "271/pass", GOLDEN / "277CA/pass", "--out", tmp_path / "out", "--json")
    )
    names = {Path(path).stem for path in answer["tables"]}
    assert names == {"claims", "claim_lines", "payments", "payment_lines", "acknowledgements", "benefits"}
    claims = parquet.read_table(tmp_path / "out/claims.parquet").to_pylist()
    assert [one["total_charge"] for one in claims] == [Decimal(150), Decimal(150)]
    payments = parquet.read_table(tmp_path / "out/payments.parquet").to_pylist()
    assert [one["paid"] for one in payments] == [Decimal(100), Decimal(80)] * 2
    (line, *_) = parquet.read_table(tmp_path / "out/payment_lines.parquet").to_pylist()
    assert sum(one["amount"] for one in line["adjustments"]) == line["charge"] - line["paid"]
    assert "is there already" in refused("to-parquet", files, "--out", tmp_path / "out")


# The whole ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself_and_its_exit_status(verb):
    text = " ".join(run(verb, "--help").output.split())
    assert "--json" in text
    assert "xit status" in text or verb in ("join",), text


def test_a_small_file_is_checked_without_the_heavy_libraries(tmp_path):
    path = tmp_path / "good.edi"
    path.write_bytes(GOOD)
    code = (
        "import sys\nfrom claimwright.cli import app\n"
        "try:\n    app(['x12', 'check', sys.argv[1]])\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "print(sorted(n for n in ('django', 'pydantic', 'pyarrow', 'multiprocessing', 'rich.table') if n in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    assert done.stdout.endswith("[]\n"), done.stdout


def test_the_command_itself_reads_a_pipe_and_ends_quietly_when_nobody_listens(tmp_path):
    path = tmp_path / "many.edi"
    path.write_bytes(b"".join("".join(GOOD.decode()).encode() for _ in range(400)))
    command = [sys.executable, "-m", "claimwright.cli", "x12"]
    done = subprocess.run([*command, "check", "-"], input=GOOD, capture_output=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith(b"-: accepted")
    with subprocess.Popen(
        [*command, "format", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as piped:
        assert piped.stdout is not None and piped.stderr is not None
        piped.stdout.read(100)
        piped.stdout.close()
        assert b"Traceback" not in piped.stderr.read()


def test_a_refusal_is_one_line_and_status_two(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "claimwright.cli", "x12", "diff", str(tmp_path / "a"), str(tmp_path / "b")],
        capture_output=True, text=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("claimwright: ") and len(done.stderr.splitlines()) == 1
