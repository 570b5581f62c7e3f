"""Installer: builds the C++ tracker where it can; `pyproject.toml` holds all else.

Without a C++17 compiler the package installs all the same, and tracks with NumPy.
"""

import sys
from pathlib import Path

from setuptools import Extension, setup

CORE = Path("deploy/cpp")


def native_tracker() -> list[Extension]:
    """Describe `yolox.tracker._native`, unless pybind11 is not there to build it."""
    try:
        import pybind11
    except ImportError:
        return []
    unix = ["-std=c++17", "-O3", "-ffp-contract=off", "-fvisibility=hidden", "-g0"]
    sources = [CORE / "python" / "binding.cpp", *sorted((CORE / "src").glob("*.cpp"))]
    return [
        Extension(
            "yolox.tracker._native",
            sources=[source.as_posix() for source in sources],
            include_dirs=[str(CORE / "include"), pybind11.get_include()],
            depends=[header.as_posix() for header in sorted(CORE.glob("include/**/*.hpp"))],
            language="c++",
            # Rounding as NumPy's: no fused operations.
            extra_compile_args=["/std:c++17", "/O2", "/utf-8"] if sys.platform == "win32" else unix,
            optional=True,
        )
    ]


setup(ext_modules=native_tracker())
