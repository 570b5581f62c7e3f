#include "bytetrack/sequence.hpp"

#include <string>

#include "bytetrack/input_error.hpp"

namespace bytetrack {
namespace {

void check_frames(const std::int64_t* frames, std::size_t count, std::int64_t length) {
  std::int64_t before = 1;
  for (std::size_t row = 0; row < count; ++row) {
    const std::int64_t frame = frames[row];
    const char* cure = frame < 1        ? "frames count from 1"
                       : frame < before ? "order the rows by frame"
                       : frame > length ? "give the whole length, or fewer rows"
                                        : nullptr;
    if (cure) {
      throw InputError("frames[" + std::to_string(row) + "] is " + std::to_string(frame) + " of " +
                       std::to_string(length) + " frames; " + cure);
    }
    before = frame;
  }
}

/// View some of the rows.
DetectionView part(DetectionView all, std::size_t begin, std::size_t end) {
  const auto rows = static_cast<std::ptrdiff_t>(begin);
  if (all.count == 0) return all;
  all.boxes += rows * all.box_stride;
  all.scores += rows * all.score_stride;
  if (all.class_ids) all.class_ids += rows * all.class_stride;
  all.count = end - begin;
  return all;
}

}  // namespace

TrackTable track_sequence(Tracker& tracker, const std::int64_t* frames,
                          const DetectionView& detections, std::int64_t length, double dt,
                          const CameraMotion* camera) {
  detections.check();
  check_frames(frames, detections.count, length);
  for (std::int64_t frame = 0; camera && frame < length; ++frame) camera[frame].check();
  TrackTable table;
  // Few frames have more tracks than detections.
  table.frames.reserve(detections.count);
  table.tracks.reserve(detections.count);
  std::size_t begin = 0;
  for (std::int64_t frame = 1; frame <= length; ++frame) {
    std::size_t end = begin;
    while (end < detections.count && frames[end] == frame) ++end;
    FrameStep step{dt};
    if (camera) step.camera = camera[frame - 1];
    for (Track track : tracker.update(part(detections, begin, end), step)) {
      if (track.detection >= 0) track.detection += static_cast<std::int64_t>(begin);
      table.frames.push_back(frame);
      table.tracks.push_back(track);
    }
    begin = end;
  }
  return table;
}

}  // namespace bytetrack
