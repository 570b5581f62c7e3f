#pragma once

#include <algorithm>

namespace bytetrack {

/// An upright box in image pixels.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};

/// Compute the intersection over union; 0 where the boxes do not meet.
inline double iou(const Box& a, const Box& b) {
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double shared = height > 0 && width > 0 ? width * height : 0;
  if (!(shared > 0)) return 0;
  const double first = (a.right - a.left) * (a.bottom - a.top);
  const double second = (b.right - b.left) * (b.bottom - b.top);
  return shared / (first + second - shared);
}

/// Compute the intersection over union of the heights alone.
inline double height_iou(const Box& a, const Box& b) {
  const double both = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return both > 0 ? both / (std::max(a.bottom, b.bottom) - std::min(a.top, b.top)) : 0;
}

/// Compute which share of the width of a box lies inside the image; 0 of none.
inline double share_inside(const Box& box, double image_width) {
  if (!(box.right > box.left)) return 0;
  const double inside = std::min(box.right, image_width) - std::max(box.left, 0.0);
  return std::max(inside, 0.0) / (box.right - box.left);
}

/// Enlarge a box by a share of its size on every side.
inline Box enlarge(const Box& box, double share) {
  const double x = share * (box.right - box.left), y = share * (box.bottom - box.top);
  return {box.left - x, box.top - y, box.right + x, box.bottom + y};
}

/// Give the smallest box around two.
inline Box enclose(const Box& a, const Box& b) {
  return {std::min(a.left, b.left), std::min(a.top, b.top), std::max(a.right, b.right),
          std::max(a.bottom, b.bottom)};
}

}  // namespace bytetrack
