#include "bytetrack/motion.hpp"

#include <algorithm>
#include <cmath>

namespace bytetrack::motion {
namespace {

using kalman::Values;

enum Coordinate { X, Y, ASPECT, HEIGHT };

// Standard deviations: centre and height as a share of the height, the aspect ratio absolute.
constexpr double kPositionStd = 1.0 / 20;
constexpr double kVelocityStd = 1.0 / 160;
constexpr double kAspectStd = 1e-2;
constexpr double kAspectVelocityStd = 1e-5;
constexpr double kAspectMeasurementStd = 1e-1;

// Keeps the noise above 0 where a box has no height, and the aspect ratio finite.
constexpr double kLeastHeight = 1e-3;

/// Give the variances of a coordinate that is no aspect ratio, and of the aspect ratio.
Values variance(double height, double share_of_height, double aspect_std) {
  const double std = std::max(std::abs(height), kLeastHeight) * share_of_height;
  return {{std * std, std * std, aspect_std * aspect_std, std * std}};
}

Values to_measurement(const Box& box) {
  const double width = box.right - box.left;
  const double height = std::max(box.bottom - box.top, kLeastHeight);
  return {{box.left + width / 2, box.top + height / 2, width / height, height}};
}

Values measurement_noise(const State& state) {
  return variance(state.position[HEIGHT], kPositionStd, kAspectMeasurementStd);
}

}  // namespace

State initiate(const Box& box) {
  const Values measured = to_measurement(box);
  return kalman::initiate(measured, variance(measured.of[HEIGHT], 2 * kPositionStd, kAspectStd),
                          variance(measured.of[HEIGHT], 10 * kVelocityStd, kAspectVelocityStd));
}

void predict(State& state, bool height_held, double dt) {
  if (height_held) state.velocity[HEIGHT] = 0;
  const double height = state.position[HEIGHT];
  kalman::predict(state, variance(height, kPositionStd, kAspectStd),
                  variance(height, kVelocityStd, kAspectVelocityStd), dt);
}

void move_camera(State& state, const CameraMotion& camera) {
  bytetrack::move_camera(state, camera, Power::kRatio, Power::kLength);
}

void update(State& state, const Box& box) {
  kalman::update(state, to_measurement(box), measurement_noise(state));
}

double squared_distance(const State& state, const Box& box) {
  return kalman::squared_distance(state, to_measurement(box), measurement_noise(state));
}

Box to_box(const State& state) {
  const double half_height = state.position[HEIGHT] / 2;
  const double half_width = half_height * state.position[ASPECT];
  return {state.position[X] - half_width, state.position[Y] - half_height,
          state.position[X] + half_width, state.position[Y] + half_height};
}

}  // namespace bytetrack::motion
