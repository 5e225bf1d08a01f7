"""What the runs of several files start from."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def wrong_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An installed kernelspec `python3` that leads nowhere: the run must not ask it."""
    folder = tmp_path_factory.mktemp("jupyter")
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["no-such-python"], "display_name": "x", "language": "python"}), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        patch.setenv("TX_TEST_PYTHON", sys.executable)
        patch.setenv("TZ", "Asia/Shanghai")
        yield
