"""On what a measurement was made."""

import platform
from contextlib import suppress
from pathlib import Path


def cpu_model() -> str:
    """Name the processor."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
