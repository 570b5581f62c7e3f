#pragma once

#include <cstdint>
#include <optional>

#include "bytetrack/box.hpp"
#include "bytetrack/camera_motion.hpp"

namespace bytetrack {

/// What a frame has beside its detections.
struct FrameStep {
  double dt = 1;  ///< Time since the frame before, in frames of a steady video.
  std::optional<CameraMotion> camera = std::nullopt;  ///< Since the frame before.

  /// Throws InputError where it makes no sense.
  void check() const;
};

/// A track is new until its second detection, then tracked or lost.
enum class Status : std::uint8_t { kNew, kTracked, kLost };

/// One track in one frame.
struct Track {
  std::int64_t id;  ///< From 1, unique within its tracker.
  Box box;
  double score;                 ///< Of the detection that it was matched with.
  std::int64_t class_id;        ///< Of that detection.
  std::int64_t detection;       ///< Row of that detection in this frame's input; −1: unseen.
};

}  // namespace bytetrack
