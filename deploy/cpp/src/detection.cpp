#include "bytetrack/detection.hpp"

#include <cmath>
#include <cstdio>
#include <string>

#include "bytetrack/input_error.hpp"

namespace bytetrack {
namespace {

// Beyond any image, and small enough that areas and variances stay finite.
constexpr double kLargestCoordinate = 1e7;

// Written so that NaN fails each comparison.
bool within(const Box& box) {
  return std::abs(box.left) <= kLargestCoordinate && std::abs(box.top) <= kLargestCoordinate &&
         std::abs(box.right) <= kLargestCoordinate && std::abs(box.bottom) <= kLargestCoordinate;
}

bool upright(const Box& box) { return box.right >= box.left && box.bottom >= box.top; }

bool likely(double score) { return score >= 0 && score <= 1; }

[[noreturn]] void refuse_box(std::size_t row, const Box& box) {
  char text[256];
  std::snprintf(text, sizeof text, "boxes[%zu] is [%.15g, %.15g, %.15g, %.15g]; ", row, box.left,
                box.top, box.right, box.bottom);
  throw InputError(text + std::string(within(box) ? "x2 and y2 may not be smaller than x1 and y1; "
                                                    "convert from x, y, w, h first"
                                                  : "coordinates are finite pixels within ±1e+07"));
}

[[noreturn]] void refuse_score(std::size_t row, double score) {
  char text[128];
  std::snprintf(text, sizeof text,
                "scores[%zu] is %.15g; scores lie in [0, 1]: divide percentages by 100", row,
                score);
  throw InputError(text);
}

}  // namespace

DetectionView::DetectionView(const double* boxes, std::ptrdiff_t box_stride, const double* scores,
                             std::ptrdiff_t score_stride, const std::int64_t* class_ids,
                             std::ptrdiff_t class_stride, std::size_t count)
    : boxes(boxes),
      box_stride(box_stride),
      scores(scores),
      score_stride(score_stride),
      class_ids(class_ids),
      class_stride(class_stride),
      count(count) {}

DetectionView::DetectionView(const std::vector<Detection>& detections) : count(detections.size()) {
  static_assert(sizeof(Detection) == 6 * sizeof(double), "strides count whole numbers");
  if (detections.empty()) return;
  boxes = &detections.front().box.left;
  scores = &detections.front().score;
  class_ids = &detections.front().class_id;
  box_stride = score_stride = class_stride = sizeof(Detection) / sizeof(double);
}

void DetectionView::check() const {
  for (std::size_t row = 0; row < count; ++row) {
    const Box at = box(row);
    if (!within(at) || !upright(at)) refuse_box(row, at);
    if (!likely(score(row))) refuse_score(row, score(row));
  }
}

}  // namespace bytetrack
