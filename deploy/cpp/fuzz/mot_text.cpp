// Any text is detections that are as they should be, or an InputError, and can then be tracked.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bytetrack/byte_tracker.hpp"
#include "bytetrack/input_error.hpp"
#include "bytetrack/mot_text.hpp"
#include "bytetrack/sequence.hpp"

namespace {

// Of a text that names a later one only the beginning is tracked, for time's sake.
constexpr std::int64_t kMostFrames = 50;

void require(bool right) {
  if (!right) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bytetrack::mot::DetectionTable table;
  try {
    table = bytetrack::mot::parse_detections({reinterpret_cast<const char*>(data), size}, "text");
  } catch (const bytetrack::InputError&) {
    return 0;
  }
  require(table.frames.size() == table.detections.size());
  bytetrack::DetectionView(table.detections).check();
  if (table.last_frame() > kMostFrames) return 0;
  bytetrack::ByteTracker tracker;
  const auto tracks = bytetrack::track_sequence(tracker, table.frames.data(), table.detections,
                                                table.last_frame());
  for (const auto& track : tracks.tracks) {
    require(std::isfinite(track.box.left) && std::isfinite(track.box.bottom) && track.id >= 1);
  }
  return 0;
}
