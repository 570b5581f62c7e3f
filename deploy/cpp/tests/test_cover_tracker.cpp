#include "bytetrack/cover_tracker.hpp"

#include <limits>
#include <random>
#include <vector>

#include "bytetrack/input_error.hpp"
#include "check.hpp"

// The steps of CoverTrack by hand. That every row is the definition's is for the tests of the
// Python package to show.

using bytetrack::Box;
using bytetrack::CoverParameters;
using bytetrack::CoverTracker;
using bytetrack::Detection;
using bytetrack::InputError;
using bytetrack::Track;

namespace {

using Frame = std::vector<Detection>;

constexpr Box kBox{100, 100, 140, 200};
constexpr Box kNearer{100, 100, 140, 240};  // hides all of it

Frame one(double score = 0.9, std::int64_t class_id = 0, Box box = kBox) {
  return {{box, score, class_id}};
}

/// What is put out of the last frame.
std::vector<Track> after(const CoverParameters& parameters, const std::vector<Frame>& frames) {
  CoverTracker tracker(parameters);
  std::vector<Track> tracks;
  for (const Frame& frame : frames) tracks = tracker.update(frame);
  return tracks;
}

std::size_t count(const CoverParameters& parameters, const std::vector<Frame>& frames) {
  return after(parameters, frames).size();
}

}  // namespace

TEST(a_track_needs_a_second_detection_after_the_first_frame) {
  CHECK(count({}, {{}, one()}) == 0);
  CHECK(count({}, {{}, one(), one()}) == 1);
  CHECK(count({}, {one()}) == 1);
}

TEST(who_is_not_seen_in_plain_view_is_put_out_while_believed) {
  const std::vector<Frame> seen(5, one());
  auto frames = seen;
  for (int unseen = 1; unseen <= 4; ++unseen) {
    frames.push_back({});
    const auto tracks = after({}, frames);
    // 0.9 · 0.9³ is at least 0.6, and one frame later no longer.
    CHECK(tracks.size() == (unseen <= 3 ? 1u : 0u));
    if (!tracks.empty()) {
      CHECK(tracks[0].detection == -1);
      CHECK_NEAR(tracks[0].score, 0.9 * std::pow(0.9, unseen));
      CHECK_NEAR(tracks[0].box.left, 100);
    }
  }
}

TEST(who_is_covered_is_believed_for_longer) {
  std::vector<Frame> frames(5, {{kBox, 0.9, 0}, {kNearer, 0.9, 1}});
  CoverParameters parameters;
  parameters.class_aware = true;
  for (int unseen = 0; unseen < 12; ++unseen) frames.push_back(one(0.9, 1, kNearer));
  const auto tracks = after(parameters, frames);
  CHECK(tracks.size() == 2);
  CHECK(tracks[0].detection == -1);
  CHECK_NEAR(tracks[0].score, 0.9);
  frames.push_back(one(0.9, 1, kNearer));  // longer than 0.4 s
  CHECK(count(parameters, frames) == 1);
}

TEST(who_leaves_the_image_is_not_put_out) {
  CoverParameters parameters;
  parameters.image_width = 110;
  CHECK(count(parameters, {one(), one(), one(), {}}) == 0);
  parameters.image_width = 130;
  CHECK(count(parameters, {one(), one(), one(), {}}) == 1);
}

TEST(a_lost_track_is_found_again) {
  const auto tracks = after({}, {one(), one(), {}, {}, {}, {}, one()});
  CHECK(tracks.size() == 1 && tracks[0].id == 1 && tracks[0].detection == 0);
}

TEST(a_camera_map_carries_a_track) {
  CoverTracker tracker;
  tracker.update(one());
  bytetrack::FrameStep step;
  step.camera = {1, 0, 300, 0, 1, 0};
  const auto& tracks = tracker.update(one(0.9, 0, {400, 100, 440, 200}), step);
  CHECK(tracks.size() == 1 && tracks[0].id == 1);
}

TEST(the_box_put_out_is_half_the_detection) {
  CoverTracker tracker;
  tracker.update(one());
  const Box filtered = [&] {
    CoverParameters parameters;
    parameters.place_share = parameters.size_share = 0;
    return after(parameters, {one(), one(0.9, 0, {110, 100, 150, 200})})[0].box;
  }();
  const auto& tracks = tracker.update(one(0.9, 0, {110, 100, 150, 200}));
  CHECK_NEAR(tracks[0].box.left, (filtered.left + 110) / 2);
}

TEST(a_state_is_gone_on_from) {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0, 6);
  CoverTracker whole, first, second;
  for (int frame = 0; frame < 30; ++frame) {
    Frame found;
    for (int person = 0; person < 8; ++person) {
      const double left = 30 * person + noise(random) + 5 * frame;
      if ((person + frame) % 6) found.push_back({{left, 100, left + 40, 200}, 0.9, 0});
    }
    const auto& expected = whole.update(found);
    if (frame == 15) second.restore(first.save());
    const auto& tracks = frame < 15 ? first.update(found) : second.update(found);
    CHECK(tracks.size() == expected.size());
    for (std::size_t row = 0; row < tracks.size(); ++row) {
      CHECK(tracks[row].id == expected[row].id);
      CHECK_NEAR(tracks[row].box.left, expected[row].box.left);
    }
  }
}

TEST(reset_starts_over) {
  CoverTracker tracker;
  tracker.update(one());
  tracker.reset();
  CHECK(tracker.frame() == 0 && tracker.track_count() == 0);
  CHECK(tracker.update(one())[0].id == 1);
}

TEST(wrong_values_are_named) {
  CoverParameters parameters;
  parameters.open_belief = 2;
  CHECK_THROWS(InputError, "open_belief is 2; give a number from 0 to 1", CoverTracker{parameters});
  parameters = {};
  parameters.image_width = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS(InputError, "image_width is nan; give a number from 1 to 1e+06",
               CoverTracker{parameters});
  CoverTracker tracker;
  CHECK_THROWS(InputError,
               "scores[0] is 90; scores lie in [0, 1]: divide percentages by 100",
               tracker.update(one(90)));
  CHECK(tracker.frame() == 0);
}
