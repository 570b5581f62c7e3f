"""Results and ground truth to numbers; nothing here ever sees a model."""
