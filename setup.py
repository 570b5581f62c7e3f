"""Installer; `pyproject.toml` holds everything it needs to know."""

from setuptools import setup

setup()
