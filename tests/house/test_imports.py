"""The floors of the house: import-linter reads the plan in pyproject.toml."""

from __future__ import annotations

import subprocess
import sys

from tests.house.source_files import ROOT

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def test_arrows_go_down():
    done = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "Contracts:" in done.stdout and " 0 broken" in done.stdout


def test_an_arrow_up_is_caught(tmp_path):
    """The canary: a house of two floors whose lower floor imports the upper."""
    package = tmp_path / "canary"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "upper.py").write_text("")
    (package / "lower.py").write_text("from canary import upper\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "canary"\n[[tool.importlinter.contracts]]\nname = "floors"\n'
        'type = "layers"\nlayers = ["canary.upper", "canary.lower"]\n'
    )
    done = subprocess.run([sys.executable, "-c", LINT], cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 broken" in done.stdout
