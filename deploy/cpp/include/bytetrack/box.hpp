#pragma once

namespace bytetrack {

/// An upright box in image pixels.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};

}  // namespace bytetrack
