"""Images to raw per-location predictions; no loss, no non-maximum suppression."""
