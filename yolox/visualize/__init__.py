"""Tracks for people to look at."""
