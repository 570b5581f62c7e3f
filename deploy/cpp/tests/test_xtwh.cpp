#include "bytetrack/xtwh.hpp"

#include <cmath>

#include "check.hpp"

using bytetrack::Box;
namespace xtwh = bytetrack::xtwh;

namespace {

constexpr Box kBox{100, 100, 140, 200};  // middle 120, top 100, 40 by 100
constexpr xtwh::Noise kNoise{0.05, 0.025, 0.006, 0.0015, 0.07, 0.04};

xtwh::State start(double pace = 1) { return xtwh::initiate(kBox, kNoise, pace); }

}  // namespace

TEST(a_track_starts_at_rest_where_it_was_measured) {
  const auto state = start();
  const Box box = xtwh::to_box(state);
  CHECK_NEAR(box.left, 100);
  CHECK_NEAR(box.bottom, 200);
  CHECK_NEAR(state.position[1], 100);
  CHECK_NEAR(state.velocity[0], 0);
  CHECK_NEAR(state.position_var[0], 196);   // (2 · 7)²
  CHECK_NEAR(state.position_var[3], 64);    // (2 · 4)²
  CHECK_NEAR(state.velocity_var[1], 36);    // (10 · 0.6)²
  CHECK_NEAR(state.velocity_var[2], 2.25);  // (10 · 0.15)²
}

TEST(at_half_the_frame_rate_people_are_twice_as_fast) {
  CHECK_NEAR(start(2).velocity_var[0], 4 * start().velocity_var[0]);
}

TEST(prediction_by_hand) {
  auto state = start();
  state.velocity[0] = 3;
  xtwh::predict(state, false, kNoise, 1, 1, 1);
  CHECK_NEAR(state.position[0], 123);
  CHECK_NEAR(state.position_var[0], 196 + 36 + 25);
  CHECK_NEAR(state.velocity_var[0], 36 + 0.36);
}

TEST(surprising_tracks_become_uncertain_faster) {
  auto state = start();
  xtwh::predict(state, false, kNoise, 4, 1, 1);
  CHECK_NEAR(state.position_var[0], 196 + 36 + 4 * 25);
  CHECK_NEAR(state.velocity_var[0], 36 + 4 * 0.36);
}

TEST(over_two_frames_the_deviation_of_the_place_doubles) {
  auto state = start();
  xtwh::predict(state, false, kNoise, 1, 2, 1);
  CHECK_NEAR(state.position_var[0], 196 + 4 * 36 + 4 * 25);
  CHECK_NEAR(state.velocity_var[0], 36 + 0.36);
}

TEST(a_held_size_stops_changing) {
  auto state = start();
  state.velocity[2] = state.velocity[3] = 5;
  xtwh::predict(state, true, kNoise, 1, 1, 1);
  CHECK_NEAR(state.position[2], 40);
  CHECK_NEAR(state.position[3], 100);
}

TEST(correction_by_hand) {
  auto state = start();
  xtwh::update(state, {110, 100, 150, 200}, kNoise, 2);
  CHECK_NEAR(state.position[0], 125);  // gain 196 / (196 + (2 · 7)²)
  CHECK_NEAR(state.position_var[0], 98);
}

TEST(surprise_and_distance_by_hand) {
  const Box found{110, 100, 150, 200};
  CHECK_NEAR(xtwh::surprise(start(), found, kNoise, 1), 100.0 / 245 / 2);
  CHECK_NEAR(xtwh::squared_distance(start(), found, kNoise, 1), 100.0 / 245);
}

TEST(a_camera_that_comes_nearer) {
  auto state = start();
  xtwh::move_camera(state, {2, 0, 5, 0, 2, 7});
  const Box box = xtwh::to_box(state);
  CHECK_NEAR(box.left, 205);
  CHECK_NEAR(box.top, 207);
  CHECK_NEAR(box.right, 285);
  CHECK_NEAR(box.bottom, 407);
  CHECK_NEAR(state.position_var[2], 4 * 64);
}

TEST(a_box_without_height_stays_finite) {
  auto state = xtwh::initiate({5, 5, 9, 5}, kNoise, 1);
  xtwh::predict(state, false, kNoise, 1, 1, 1);
  xtwh::update(state, {5, 5, 5, 5}, kNoise, 1);
  CHECK(std::isfinite(xtwh::to_box(state).bottom));
}
