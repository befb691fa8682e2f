"""`python -m cloud_nas`: the same as the console script."""

from __future__ import annotations

from cloud_nas.cli.main import main

if __name__ == "__main__":
    main(prog_name="cloud-nas")
