"""Start the command line as ``python -m tenantry``."""

from __future__ import annotations

from tenantry.cli.main import main

if __name__ == "__main__":
    main()
