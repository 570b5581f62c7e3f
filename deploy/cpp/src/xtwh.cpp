#include "bytetrack/xtwh.hpp"

#include <algorithm>
#include <cmath>

namespace bytetrack::xtwh {
namespace {

using kalman::Values;

enum Coordinate { MIDDLE, TOP, WIDTH, HEIGHT };

// How much wider than a measurement's, and than the noise of a step, a new track's deviations are.
constexpr double kNewPosition = 2, kNewVelocity = 10;

// Keeps the noise above 0 where a box has no height.
constexpr double kLeastHeight = 1e-3;

Values to_measurement(const Box& box) {
  const double width = box.right - box.left;
  return {{box.left + width / 2, box.top, width, box.bottom - box.top}};
}

/// Give the variances of place and size, each multiplied by `share`.
Values variance(double height, double position, double size, double share) {
  const double scale = std::max(std::abs(height), kLeastHeight);
  const double of_position = scale * position, of_size = scale * size;
  const double place_var = of_position * of_position * share, size_var = of_size * of_size * share;
  return {{place_var, place_var, size_var, size_var}};
}

Values measurement_noise(const State& state, const Noise& noise, double error_share) {
  return variance(state.position[HEIGHT], noise.measured_position, noise.measured_size,
                  error_share * error_share);
}

}  // namespace

State initiate(const Box& box, const Noise& noise, double pace) {
  const double height = box.bottom - box.top;
  return kalman::initiate(
      to_measurement(box),
      variance(height, noise.measured_position, noise.measured_size, kNewPosition * kNewPosition),
      variance(height, noise.velocity * pace, noise.size_velocity * pace,
               kNewVelocity * kNewVelocity));
}

void predict(State& state, bool size_held, const Noise& noise, double share, double dt,
             double pace) {
  if (size_held) state.velocity[WIDTH] = state.velocity[HEIGHT] = 0;
  const double height = state.position[HEIGHT], grown = share * (pace * pace);
  // The filter multiplies both by dt: of the place the deviation grows with it, as the way does.
  kalman::predict(state, variance(height, noise.position, noise.size, grown * dt),
                  variance(height, noise.velocity, noise.size_velocity, grown / dt), dt);
}

void move_camera(State& state, const CameraMotion& camera) {
  bytetrack::move_camera(state, camera, Power::kLength, Power::kLength);
}

void update(State& state, const Box& box, const Noise& noise, double error_share) {
  kalman::update(state, to_measurement(box), measurement_noise(state, noise, error_share));
}

double surprise(const State& state, const Box& box, const Noise& noise, double error_share) {
  const Values measured = to_measurement(box);
  const Values error = measurement_noise(state, noise, error_share);
  double sum = 0;
  for (const int k : {MIDDLE, TOP}) {
    const double innovation = measured.of[k] - state.position[k];
    sum += innovation * innovation / (state.position_var[k] + error.of[k]);
  }
  return sum / 2;
}

double squared_distance(const State& state, const Box& box, const Noise& noise,
                        double error_share) {
  return kalman::squared_distance(state, to_measurement(box),
                                  measurement_noise(state, noise, error_share));
}

Box to_box(const State& state) {
  const double half_width = state.position[WIDTH] / 2;
  return {state.position[MIDDLE] - half_width, state.position[TOP],
          state.position[MIDDLE] + half_width, state.position[TOP] + state.position[HEIGHT]};
}

}  // namespace bytetrack::xtwh
