# Tracker and evaluation without torch:  docker build -t bytetrack-reid .
#   docker run --rm -v "$PWD/data:/data" bytetrack-reid tools/track.py --detections /data/det ...
FROM python:3.11-slim

# OpenCV, which TrackEval loads, wants the first two; the C++ tracker a compiler.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 g++ \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /bytetrack-reid
COPY pyproject.toml setup.py requirements.txt README.md LICENSE ./
COPY yolox yolox
COPY deploy/cpp deploy/cpp
COPY tools tools
COPY exps exps
RUN pip install --no-cache-dir --constraint requirements.txt .

ENTRYPOINT ["python"]
CMD ["tools/track.py", "--help"]
