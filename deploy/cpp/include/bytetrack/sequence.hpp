#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytetrack/detection.hpp"
#include "bytetrack/tracker.hpp"

namespace bytetrack {

/// The tracks of a whole sequence: `tracks[k]` was seen in frame `frames[k]`, counted from 1.
struct TrackTable {
  std::vector<std::int64_t> frames;
  /// By frame, then by id; `detection` is a row of the whole sequence, or −1.
  std::vector<Track> tracks;
};

/// Run a tracker over frames 1 to `length`; frames without detections count.
///
/// Args:
///   tracker: As it is: a fresh one, as a rule.
///   frames: Of each row of `detections`, from 1, never falling.
///   dt: As for a single frame, the same for all.
///   camera: One map a frame, or null.
///
/// Throws InputError where a row is malformed, or its frame is out of order or beyond `length`.
TrackTable track_sequence(Tracker& tracker, const std::int64_t* frames,
                          const DetectionView& detections, std::int64_t length, double dt = 1,
                          const CameraMotion* camera = nullptr);

}  // namespace bytetrack
