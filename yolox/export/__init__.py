"""Trained networks as files that other programs run; each is checked against torch before it is."""
