"""Every item on a worklist says whose it is: without its practice, people who work for some practices never see it."""

from __future__ import annotations

import ast

from tests.house.source_files import PACKAGE

# Items about the office as a whole, by module and function: why they have no practice.
OF_THE_OFFICE = {
    "api/webhooks.py note_failed": "an address of another program, which hears of every practice",
    "core/emergency.py open_in_emergency": "reviewed on the page of people, which is the office's",
    "denials/prevention.py propose_rules": "a rule holds for every practice's claims",
    "eligibility/answering.py _list_orphans": "an answer to no question of ours: nobody knows whose it is",
    "eligibility/asking.py stop_payer": "payers and their set-up are the office's",
    "exchange/services.py _ambiguous": "a file goes out for all practices; whole files are closed to who is limited",
    "exchange/services.py _not_delivered": "a connection is the office's",
    "exchange/services.py _too_large": "a file that was not taken: nobody knows whose it is",
    "exchange/services.py quarantine_file": "a file that cannot be read: nobody knows whose it is",
    "followup/answering.py _list_orphans": "an answer to no question of ours: nobody knows whose it is",
    "operations/acknowledgements.py _list_orphans": "an answer to no file of ours: nobody knows whose it is",
    "operations/after_restore.py _switch_off": "a connection is the office's",
    "operations/intake.py _list_wrong_counts": "a whole file, with the visits of one or several practices",
    "operations/job_runs.py _note_failure": "jobs run for all practices",
    "operations/post.py _list_failure": "a part that was not posted: nobody knows yet whose it is",
    "operations/receive.py _list_problem": "a connection is the office's",
    "operations/receive.py _list_failure": "a file that could not be worked: nobody knows whose it is",
    "operations/receive.py _list_quarantined": "a part that cannot be read: nobody knows whose it is",
    "operations/receive.py _repeated": "an answer whose file is in doubt: nobody knows whose it is",
    "operations/schedule.py take_in_received": "no practice says that the file is its own: that is what it is about",
    "submissions/sending.py _list_held_file": "a connection's file holds claims of all practices",
    "submissions/sending.py _list_unconnected": "payers and their connections are the office's",
    "submissions/sending.py send_prepared": "a file goes out for all practices",
}
# Given with others as **words, which this test does not read.
WITH_OTHER_WORDS = {
    "operations/intake.py list_problem": "the practice of the visit; a code or payer to set up is of all visits that wait for it"
}


def calls() -> list[tuple[str, ast.Call]]:
    found = []
    web = PACKAGE / "web"
    for path in sorted(web.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for function in ast.walk(ast.parse(text)) if "raise_work_item(" in text else ():
            if isinstance(function, ast.FunctionDef):
                where = f"{path.relative_to(web).as_posix()} {function.name}"
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "raise_work_item":
                        found.append((where, node))
    return found


def test_every_work_item_names_its_practice_or_stands_here_with_a_reason():
    raised = calls()
    assert len(raised) > 80
    silent = {where for where, call in raised if not {"practice_id"} & {word.arg for word in call.keywords}}
    assert silent == {*OF_THE_OFFICE, *WITH_OTHER_WORDS}
