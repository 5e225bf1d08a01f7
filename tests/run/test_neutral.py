"""What a run takes out of an executed notebook, it takes out of the structure of tables too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from txlib.report.kit.blocks import unpacked
from txlib.report.kit.shown import TableColumn, folded, table
from txlib.run.cells.notebook import NotebookJob, clean

pytestmark = pytest.mark.quick


def test_no_place_on_this_machine_is_left_in_the_structure_of_a_table(tmp_path: Path) -> None:
    where = f"{tmp_path / 'data' / 'units.csv'} at 0x7f00112233"
    data, about = folded(where, table("n", where, [TableColumn(where)], [[where]], where))._repr_mimebundle_()
    nb = new_notebook(cells=[new_code_cell(outputs=[new_output("display_data", data=data, metadata=about)])])
    clean(nb, NotebookJob(Path("n.ipynb"), (("year", "2020"),), tmp_path, tmp_path / "kept", "zh", "0" * 64, tmp_path / "n", 60))
    output = nb.cells[0].outputs[0]
    assert str(tmp_path) not in json.dumps(nb) and "0x7f" not in json.dumps(nb)
    blocks = unpacked(output.metadata["text/html"]["blocks"])
    assert blocks and str(blocks).count("units.csv at 0x…") == 5
