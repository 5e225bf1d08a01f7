"""The process of a report's cells: this very txlib, installed packages, and only then what lies in the workspace.

It is started as a file and with -P, so that no folder but Python's own is on the path: what an analyst has called yaml.py
stands in no package's way.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ARGUMENTS = ("-P", __file__, "-f", "{connection_file}")  # of the interpreter


def main() -> None:
    """Serve as a kernel; the workspace is the current folder."""
    package = Path(__file__).parents[2]
    spec = importlib.util.spec_from_file_location("txlib", package / "__init__.py", submodule_search_locations=[str(package)])
    assert spec and spec.loader
    sys.modules["txlib"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["txlib"])
    from ipykernel.kernelapp import IPKernelApp

    sys.path.append(str(Path.cwd()))
    sys.dont_write_bytecode = True  # beside an analyst's own modules
    IPKernelApp.launch_instance(ignore_cwd=True)


if __name__ == "__main__":
    main()
