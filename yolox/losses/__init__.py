"""Predictions and targets to named losses."""
