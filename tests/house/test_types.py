"""The types that the package ships, as a user's own script meets them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_users_script_is_checked_against_the_package(tmp_path: Path) -> None:
    """The package ships its types: what it gives is known to mypy, and so is a name that it does not have."""
    script = tmp_path / "script.py"
    script.write_text("import txlib as tx\n"
                      "book = tx.load_rulebook('2020')\n"
                      "result: tx.Result = tx.assess(book, tx.load_data(book), 'towns_1')\n"
                      "tx.explain(result, unit=1)\n"
                      "tx.explian(result)\n"
                      "tx.load_data(book).obsrvations\n"
                      "tx.load_data(book).observations.empty\n", encoding="utf-8")
    told = subprocess.run([sys.executable, "-m", "mypy", "--no-incremental", "--config-file=", script.name], cwd=tmp_path,
                          capture_output=True, text=True, check=False).stdout
    assert 'script.py:4: error: Argument "unit" to "explain" has incompatible type "int"' in told
    assert 'script.py:5: error: Module has no attribute "explian"' in told
    assert 'script.py:6: error: "Data" has no attribute "obsrvations"' in told
    assert "Found 3 errors" in told, told
