#include "bytetrack/tracker.hpp"

namespace bytetrack {

const std::vector<Track>& Tracker::update(const DetectionView& detections, const FrameStep& step) {
  detections.check();
  step.check();
  ++frame_;
  time_ += step.dt;
  output_.clear();
  take_in(detections, step);
  return output_;
}

}  // namespace bytetrack
