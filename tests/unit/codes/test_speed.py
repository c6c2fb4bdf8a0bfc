"""Asking one code must not cost reading all sets: the command line starts with it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import claimwright.codes.code_sets as code_sets
from claimwright.codes import tables
read = []
real = tables.read_bytes
tables.read_bytes = lambda name: read.append(name) or real(name)
sets = code_sets.shipped()
assert read == [], read
assert sets.state("npi", "1234567893") == "valid" and read == [], read
assert "django" not in sys.modules and "xml.etree" not in sys.modules, "heavy import"
print("ok")
"""


def test_importing_reads_no_table():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "ok", done.stderr
