#pragma once

#include <filesystem>
#include <functional>

#include <bytetrack/tracker.hpp>

#include "bytetrack_video/detector.hpp"
#include "bytetrack_video/footage.hpp"

namespace bytetrack {

/// What is made of a video.
struct Outputs {
  std::filesystem::path folder;   ///< Gets `<name>.txt`.
  bool video = true;              ///< Also `<name>.mp4`.
  double min_box_area = 10;       ///< Boxes put out are larger, in square pixels; 0 is off.
  double max_aspect_ratio = 1.6;  ///< Largest width / height put out; 0 is off.
};

/// What tracking came to.
struct Summary {
  int frames = 0;
  long boxes = 0, left_out = 0;  ///< Put out, and too small or too wide for that.
  std::size_t ids = 0;
};

/// Track a video; at any end, also one by an exception, files are whole or as they were before.
///
/// Args:
///   go_on: Told of each frame how many are done; false ends it there.
///
/// Throws InputError where a file cannot be written, or the network cannot be run.
Summary track_video(Footage& footage, Detector& detector, Tracker& tracker,
                    const Outputs& outputs, const std::function<bool(int)>& go_on);

}  // namespace bytetrack
