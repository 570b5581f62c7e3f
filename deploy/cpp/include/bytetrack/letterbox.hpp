#pragma once

#include "bytetrack/box.hpp"

namespace bytetrack {

/// Height and width in pixels.
struct Size {
  int height = 0, width = 0;
};

/// How an image is fitted into the network input: scaled, then padded on the right and below.
struct Letterbox {
  Size scaled;       ///< Of the image after scaling, whole pixels.
  double scale = 1;  ///< Before they were rounded down.

  /// Bring a box from network pixels to image pixels.
  Box to_image(const Box& box) const {
    return {box.left / scale, box.top / scale, box.right / scale, box.bottom / scale};
  }
};

/// What the pixels beside the image are filled with, in each channel.
constexpr int kPadding = 114;

/// Fit an image into the network input.
///
/// Throws InputError where a side is not positive.
Letterbox fit(Size image, Size input);

}  // namespace bytetrack
