#include "bytetrack/sequence.hpp"

#include <vector>

#include "bytetrack/byte_tracker.hpp"
#include "bytetrack/input_error.hpp"
#include "check.hpp"

using bytetrack::ByteTracker;
using bytetrack::Detection;
using bytetrack::InputError;

namespace {

const std::vector<Detection> kThree(3, Detection{{100, 100, 140, 200}, 0.9, 4});

void track(const std::vector<std::int64_t>& frames, std::int64_t length) {
  ByteTracker tracker;
  bytetrack::track_sequence(tracker, frames.data(), kThree, length);
}

}  // namespace

TEST(frames_without_detections_count) {
  const std::vector<std::int64_t> frames{1, 2, 5};
  ByteTracker tracker;
  const auto table = bytetrack::track_sequence(tracker, frames.data(), kThree, 6);
  CHECK(table.frames == frames);
  for (std::size_t row = 0; row < 3; ++row) {
    CHECK(table.tracks[row].id == 1 && table.tracks[row].class_id == 4);
    CHECK(table.tracks[row].detection == static_cast<std::int64_t>(row));
  }
  CHECK(tracker.frame() == 6);
}

TEST(nothing_at_all) {
  ByteTracker tracker;
  CHECK(bytetrack::track_sequence(tracker, nullptr, {}, 3).frames.empty());
  CHECK(tracker.frame() == 3);
}

TEST(wrong_frames_are_named) {
  CHECK_THROWS(InputError, "frames[0] is 0 of 5 frames; frames count from 1", track({0, 1, 2}, 5));
  CHECK_THROWS(InputError, "frames[2] is 1 of 5 frames; order the rows by frame",
               track({1, 2, 1}, 5));
  CHECK_THROWS(InputError, "frames[2] is 6 of 5 frames; give the whole length, or fewer rows",
               track({1, 2, 6}, 5));
}
