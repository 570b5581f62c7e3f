"""Files on disk to batches, and scenes made from a seed."""
