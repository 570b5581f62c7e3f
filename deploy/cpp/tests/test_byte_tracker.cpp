#include "bytetrack/byte_tracker.hpp"

#include <limits>
#include <random>
#include <vector>

#include "bytetrack/input_error.hpp"
#include "check.hpp"

// The steps of BYTE by hand. That every row is the definition's is for the tests of the Python
// package to show.

using bytetrack::Box;
using bytetrack::ByteParameters;
using bytetrack::ByteTracker;
using bytetrack::Detection;
using bytetrack::InputError;

namespace {

using Ids = std::vector<std::int64_t>;
using Frame = std::vector<Detection>;

constexpr Box kBox{100, 100, 140, 200};

Frame one(double score = 0.9, std::int64_t class_id = 0, Box box = kBox) {
  return {{box, score, class_id}};
}

Ids update(ByteTracker& tracker, const Frame& frame) {
  Ids ids;
  for (const auto& track : tracker.update(frame)) ids.push_back(track.id);
  return ids;
}

/// The ids of the last frame.
Ids after(const ByteParameters& parameters, const std::vector<Frame>& frames) {
  ByteTracker tracker(parameters);
  Ids ids;
  for (const Frame& frame : frames) ids = update(tracker, frame);
  return ids;
}

}  // namespace

TEST(a_low_score_keeps_a_track_alive_but_starts_none) {
  CHECK((after({}, {one(), one(0.3), one(0.3)}) == Ids{1}));
  CHECK(after({}, {one(0.3), one(0.3)}).empty());
  CHECK(after({}, {one(), one(0.05)}).empty());
}

TEST(a_low_score_does_not_recover_a_lost_track) {
  CHECK(after({}, {one(), {}, one(0.3)}).empty());
  CHECK((after({}, {one(), {}, one(0.3), one()}) == Ids{1}));
}

TEST(a_track_needs_a_second_detection_after_the_first_frame) {
  CHECK(after({}, {{}, one()}).empty());
  CHECK((after({}, {{}, one(), one()}) == Ids{1}));
  CHECK(after({}, {{}, one(), {}, one()}).empty());
}

TEST(only_strong_detections_start_tracks) {
  const Frame frame{{kBox, 0.65, 0}, {{300, 100, 340, 200}, 0.7, 0}};
  ByteTracker tracker;
  const auto& tracks = tracker.update(frame);
  CHECK(tracks.size() == 1 && tracks[0].detection == 1);
  ByteParameters parameters;
  parameters.new_thresh = 0.65;
  CHECK((after(parameters, {frame}) == Ids{1, 2}));
}

TEST(class_aware_tracks_never_change_class) {
  ByteParameters aware;
  aware.class_aware = true;
  CHECK((after({}, {one(0.9, 0), one(0.9, 1)}) == Ids{1}));
  CHECK(after(aware, {one(0.9, 0), one(0.9, 1)}).empty());
  CHECK((after(aware, {one(0.9, 0), one(0.9, 1), one(0.9, 1)}) == Ids{2}));
}

TEST(the_motion_gate_forbids_a_leap) {
  std::vector<Frame> frames(20, one());
  frames.push_back(one(0.9, 0, {100, 55, 140, 155}));
  ByteParameters gated;
  gated.motion_gate = true;
  CHECK((after({}, frames) == Ids{1}));
  CHECK(after(gated, frames).empty());
}

TEST(score_fusion_makes_weak_overlaps_dearer) {
  ByteParameters parameters;
  parameters.match_thresh = 0.8;
  const std::vector<Frame> frames{one(), one(0.7, 0, {124, 100, 164, 200})};
  CHECK(after(parameters, frames).empty());
  parameters.fuse_score = false;
  CHECK((after(parameters, frames) == Ids{1}));
}

TEST(a_lost_track_is_kept_for_the_buffer) {
  for (const bool legacy : {true, false}) {
    ByteParameters parameters;
    parameters.legacy = legacy;
    const int longest = legacy ? 32 : 31;
    for (const int gap : {longest, longest + 1}) {
      std::vector<Frame> frames(5, one());
      frames.resize(frames.size() + gap - 1);  // empty frames
      frames.push_back(one());
      frames.push_back(one());
      CHECK((after(parameters, frames) == Ids{gap == longest ? 1 : 2}));
    }
  }
}

TEST(thresholds_are_inclusive_without_legacy) {
  ByteParameters mended;
  mended.legacy = false;
  CHECK(after({}, {one(), one(0.6)}).empty());
  CHECK((after(mended, {one(), one(0.6)}) == Ids{1}));
}

TEST(ids_have_gaps_only_with_legacy) {
  const Frame flash{{kBox, 0.9, 0}, {{500, 0, 540, 100}, 0.9, 0}};
  const Frame newcomer{{kBox, 0.9, 0}, {{900, 0, 940, 100}, 0.9, 0}};
  const std::vector<Frame> frames{one(), flash, one(), newcomer, newcomer};
  ByteParameters mended;
  mended.legacy = false;
  CHECK((after({}, frames) == Ids{1, 3}));
  CHECK((after(mended, frames) == Ids{1, 2}));
}

TEST(reset_starts_over_and_instances_do_not_share_ids) {
  ByteTracker tracker, other;
  CHECK((update(tracker, one()) == Ids{1}));
  CHECK((update(other, one()) == Ids{1}));
  tracker.reset();
  CHECK(tracker.frame() == 0 && tracker.track_count() == 0);
  CHECK((update(tracker, one()) == Ids{1}));
}

TEST(a_wrong_detection_leaves_the_state_unchanged) {
  ByteTracker tracker;
  update(tracker, one());
  CHECK_THROWS(InputError, "scores[0] is 2; scores lie in [0, 1]: divide percentages by 100",
               tracker.update(one(2)));
  CHECK(tracker.frame() == 1 && tracker.track_count() == 1);
}

TEST(parameters_out_of_range_are_named) {
  ByteParameters parameters;
  parameters.track_thresh = 60;
  CHECK_THROWS(InputError, "track_thresh is 60; give a number from 0 to 1",
               ByteTracker tracker(parameters));
  parameters = {};
  parameters.frame_rate = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS(InputError, "frame_rate is nan; give a number from 0.001 to 1e+06",
               ByteTracker tracker(parameters));
  parameters = {};
  parameters.new_thresh = 1.5;
  CHECK_THROWS(InputError, "new_thresh is 1.5; give a number from 0 to 1",
               ByteTracker tracker(parameters));
}

TEST(any_detections_give_sound_tracks_in_flat_memory) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> share(0, 1);
  for (int mode = 0; mode < 8; ++mode) {
    ByteParameters parameters;
    parameters.legacy = mode & 1;
    parameters.class_aware = mode & 2;
    parameters.motion_gate = mode & 4;
    parameters.track_buffer = 3;
    ByteTracker tracker(parameters);
    for (int frame = 0; frame < 500; ++frame) {
      Frame found(random() % 12);
      for (Detection& detection : found) {
        const double left = 200 * share(random), top = 200 * share(random);
        // Every third box has no height.
        const double height = random() % 3 ? 60 * share(random) : 0;
        detection = {{left, top, left + 40 * share(random), top + height},
                     share(random),
                     static_cast<std::int64_t>(random() % 3)};
      }
      std::int64_t before = 0;
      for (const auto& track : tracker.update(found)) {
        CHECK(track.id > before);
        before = track.id;
        CHECK(std::isfinite(track.box.left) && std::isfinite(track.box.bottom));
        CHECK(track.score == found[static_cast<std::size_t>(track.detection)].score);
      }
      CHECK(tracker.track_count() <= 12 * 7);
    }
  }
}
