#include "bytetrack/track.hpp"

#include "bytetrack/input_error.hpp"

namespace bytetrack {

void FrameStep::check() const {
  check_range("dt", dt, 1e-6, 1e6);
  if (camera) camera->check();
}

}  // namespace bytetrack
