#include "bytetrack/motion.hpp"

#include "bytetrack/input_error.hpp"

#include "check.hpp"

using bytetrack::Box;
namespace motion = bytetrack::motion;

namespace {

constexpr Box kBox{100, 100, 140, 200};  // centre 120, 150; aspect 0.4; height 100

void check_box(const Box& found, const Box& expected) {
  CHECK_NEAR(found.left, expected.left);
  CHECK_NEAR(found.top, expected.top);
  CHECK_NEAR(found.right, expected.right);
  CHECK_NEAR(found.bottom, expected.bottom);
}

}  // namespace

TEST(a_track_starts_at_rest_where_it_was_measured) {
  const auto state = motion::initiate(kBox);
  check_box(motion::to_box(state), kBox);
  CHECK_NEAR(state.position[2], 0.4);
  CHECK_NEAR(state.velocity[0], 0);
  CHECK_NEAR(state.position_var[0], 100);      // (2 · 100 / 20)²
  CHECK_NEAR(state.velocity_var[0], 39.0625);  // (10 · 100 / 160)²
  CHECK_NEAR(state.position_var[2], 1e-4);
}

TEST(prediction_by_hand) {
  auto state = motion::initiate(kBox);
  state.velocity[0] = 3;
  motion::predict(state, false);
  CHECK_NEAR(state.position[0], 123);
  CHECK_NEAR(state.position_var[0], 100 + 39.0625 + 25);
  CHECK_NEAR(state.covariance[0], 39.0625);
  CHECK_NEAR(state.velocity_var[0], 39.0625 + 0.390625);
}

TEST(prediction_over_two_frames) {
  auto state = motion::initiate(kBox);
  state.velocity[0] = 3;
  motion::predict(state, false, 2);
  CHECK_NEAR(state.position[0], 126);
  CHECK_NEAR(state.position_var[0], 100 + 4 * 39.0625 + 2 * 25);
  CHECK_NEAR(state.covariance[0], 2 * 39.0625);
  CHECK_NEAR(state.velocity_var[0], 39.0625 + 2 * 0.390625);
}

TEST(a_camera_that_turns_and_comes_nearer) {
  auto state = motion::initiate(kBox);
  state.velocity[0] = 3;
  motion::move_camera(state, {0, -2, 5, 2, 0, 7});  // a quarter turn, twice as large
  CHECK_NEAR(state.position[0], -2 * 150 + 5);
  CHECK_NEAR(state.position[1], 2 * 120 + 7);
  CHECK_NEAR(state.velocity[0], 0);
  CHECK_NEAR(state.velocity[1], 6);
  CHECK_NEAR(state.position[2], 0.4);
  CHECK_NEAR(state.position[3], 200);
  CHECK_NEAR(state.position_var[1], 400);
  CHECK_NEAR(state.position_var[2], 1e-4);
  CHECK_NEAR(state.velocity_var[3], 4 * 39.0625);
}

TEST(a_map_that_is_none) {
  const bytetrack::CameraMotion mirrored{1, 0, 0, 0, -1, 0};
  CHECK_THROWS(bytetrack::InputError,
               "camera_motion is not finite, or mirrors or flattens the image; give a map from the "
               "last frame's pixels to this one's, or none",
               mirrored.check());
}

TEST(correction_by_hand) {
  auto state = motion::initiate(kBox);
  motion::update(state, {110, 100, 150, 200});
  CHECK_NEAR(state.position[0], 128);  // gain 100 / (100 + 25)
  CHECK_NEAR(state.position_var[0], 20);
  CHECK_NEAR(state.velocity[0], 0);
}

TEST(a_held_height_stops_changing) {
  auto state = motion::initiate(kBox);
  state.velocity[3] = 5;
  auto held = state;
  motion::predict(state, false);
  motion::predict(held, true);
  CHECK_NEAR(state.position[3], 105);
  CHECK_NEAR(held.position[3], 100);
}

TEST(distance_by_hand) {
  const auto state = motion::initiate(kBox);
  CHECK_NEAR(motion::squared_distance(state, kBox), 0);
  CHECK_NEAR(motion::squared_distance(state, {110, 100, 150, 200}), 100.0 / 125);
}

TEST(a_box_without_height_stays_finite) {
  auto state = motion::initiate({5, 5, 9, 5});
  motion::predict(state, false);
  motion::update(state, {5, 5, 5, 5});
  const Box box = motion::to_box(state);
  CHECK(std::isfinite(box.left) && std::isfinite(box.bottom));
}
