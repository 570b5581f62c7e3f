"""Runs: what an Exp file may set, and how one is found."""

from yolox.exp.base import Exp
from yolox.exp.load import exp_of, load_exp

__all__ = ["Exp", "exp_of", "load_exp"]
