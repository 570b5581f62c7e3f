"""The loops that carry values along the line, and what they need."""
