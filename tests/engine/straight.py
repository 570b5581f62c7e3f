"""A detector without the pipeline around it."""


def run(detector, images, batch_size=1):
    """Find objects in images, some at a time, one thing after the other."""
    found = []
    for start in range(0, len(images), batch_size):
        prepared = [detector.prepare(image) for image in images[start : start + batch_size]]
        found += detector.finish(detector.infer(prepared), prepared)
    return found
