#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytetrack/box.hpp"

namespace bytetrack {

/// What a detector says of one object.
struct Detection {
  Box box;
  double score = 0;           ///< In [0, 1].
  std::int64_t class_id = 0;  ///< 0 where the detector has one class.
};

/// The detections of one frame where they lie in memory; nothing is copied.
///
/// Strides count numbers from one detection to the next, so that an (N, 5) array of box and score
/// is `{rows, 5, rows + 4, 5, nullptr, 0, N}`.
struct DetectionView {
  const double* boxes = nullptr;  ///< Left, top, right, bottom.
  std::ptrdiff_t box_stride = 4;
  const double* scores = nullptr;
  std::ptrdiff_t score_stride = 1;
  const std::int64_t* class_ids = nullptr;  ///< nullptr: all are of class 0.
  std::ptrdiff_t class_stride = 1;
  std::size_t count = 0;

  DetectionView() = default;
  DetectionView(const double* boxes, std::ptrdiff_t box_stride, const double* scores,
                std::ptrdiff_t score_stride, const std::int64_t* class_ids,
                std::ptrdiff_t class_stride, std::size_t count);
  /// View a vector, which has to outlive the view.
  DetectionView(const std::vector<Detection>& detections);  // NOLINT: implicit on purpose

  Box box(std::size_t row) const {
    const double* at = boxes + static_cast<std::ptrdiff_t>(row) * box_stride;
    return {at[0], at[1], at[2], at[3]};
  }
  double score(std::size_t row) const {
    return scores[static_cast<std::ptrdiff_t>(row) * score_stride];
  }
  std::int64_t class_id(std::size_t row) const {
    return class_ids ? class_ids[static_cast<std::ptrdiff_t>(row) * class_stride] : 0;
  }

  /// Check that boxes are finite and upright and scores lie in [0, 1].
  ///
  /// Throws InputError, which names the first row that is not as it should be.
  void check() const;
};

}  // namespace bytetrack
