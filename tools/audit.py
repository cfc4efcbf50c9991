"""Known vulnerabilities of the installed packages, as `make lint` asks for them.

    python -m tools.audit

Fails if a newer version of a package would mend one. Where the database cannot be reached, it says so and does not fail: style
can be checked on a train, too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

COMMAND = (sys.executable, "-m", "pip_audit", "--local", "--format=json", "--progress-spinner=off", "--timeout=10")
TIMEOUT_S = 300

Package = Mapping[str, Any]


def main() -> int:
    """Prints what was found; 1 if something can be mended."""
    try:
        process = subprocess.run(COMMAND, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
        packages = json.loads(process.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        print("audit: not done, the database of vulnerabilities cannot be reached from here")
        return 0
    audited = [package for package in packages if "skip_reason" not in package]
    if not audited:
        print(f"audit: not done, the package index knows none of {len(packages)} packages; it may be a mirror without that data")
        return 0
    mendable, others = list(describe(audited, is_mendable=True)), list(describe(audited, is_mendable=False))
    print(*mendable, *others, f"audit: {len(audited)} packages, {len(mendable)} to be raised", sep="\n")
    return 1 if mendable else 0


def describe(packages: Sequence[Package], *, is_mendable: bool) -> Iterator[str]:
    """A line for each vulnerability that a newer version mends, or for each other one."""
    for package in packages:
        for found in package["vulns"]:
            if bool(found["fix_versions"]) == is_mendable:
                advice = f"raise it to {found['fix_versions'][-1]}" if is_mendable else "no version mends it yet"
                yield f"{package['name']} {package['version']}: {found['id']}; {advice}"


if __name__ == "__main__":
    sys.exit(main())
