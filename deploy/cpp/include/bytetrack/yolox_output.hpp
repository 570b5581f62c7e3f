#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytetrack/box.hpp"
#include "bytetrack/detection.hpp"
#include "bytetrack/letterbox.hpp"
#include "bytetrack/network.hpp"

/// What a YOLOX puts out for one image: N rows of box, objectness, C classes, D embedding numbers.
///
/// Objectness and classes are probabilities. There is a row for each place of the feature maps of
/// strides 8, 16 and 32, row by row of each map.
namespace bytetrack::yolox {

/// How the rows of an output are to be read.
struct Layout {
  Size input;               ///< Of the network.
  int classes = 1;          ///< C.
  int embedding = 0;        ///< D, 0 if the network has no ReID head.
  bool decoded = false;     ///< Boxes are centre, width, height in network pixels, not raw offsets.

  std::size_t rows() const;     ///< N.
  std::size_t columns() const;  ///< 5 + C + D.
};

struct Thresholds {
  float score = 0.01F;  ///< Least objectness times class probability.
  float nms = 0.7F;     ///< Largest overlap of two detections of a class that both stay.
};

/// The detections of an image, and of each its embedding.
struct Found {
  std::vector<Detection> detections;  ///< In image pixels, by falling score.
  std::vector<float> embeddings;      ///< D numbers of unit length a detection.
};

/// Read an output: decode, threshold, suppress, and bring back to the image.
///
/// Args:
///   output: `layout.rows()` times `layout.columns()` numbers.
///   letterbox: How the image was fitted into the input.
///
/// Throws InputError where the layout or a threshold makes no sense.
Found read(const float* output, const Layout& layout, const Letterbox& letterbox,
           const Thresholds& thresholds = {});

/// Read the output of a network that puts embeddings, if any, into an array of their own.
///
/// Throws InputError as above; `output` has passed `check_output`.
Found read(const NetworkOutput& output, const NetworkMetadata& metadata, Size input,
           const Letterbox& letterbox, const Thresholds& thresholds = {});

/// A box in network pixels.
struct Candidate {
  float left, top, right, bottom;
  float score;
  std::int64_t class_id;
  std::size_t row;  ///< Of the output.
};

/// Keep, by falling score, each candidate that overlaps no better one of its class too much.
std::vector<Candidate> suppress(std::vector<Candidate> candidates, float largest_overlap);

}  // namespace bytetrack::yolox
