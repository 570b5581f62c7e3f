#include "bytetrack/motion.hpp"

#include <algorithm>
#include <cmath>

#include "bytetrack/input_error.hpp"

namespace bytetrack::motion {
namespace {

enum Coordinate { X, Y, ASPECT, HEIGHT, COORDINATES };

// Standard deviations: centre and height as a share of the height, the aspect ratio absolute.
constexpr double kPositionStd = 1.0 / 20;
constexpr double kVelocityStd = 1.0 / 160;
constexpr double kAspectStd = 1e-2;
constexpr double kAspectVelocityStd = 1e-5;
constexpr double kAspectMeasurementStd = 1e-1;

// Keeps the noise above 0 where a box has no height, and the aspect ratio finite.
constexpr double kLeastHeight = 1e-3;

// Of a camera's map between two frames.
constexpr double kLargest = 1e12;
constexpr double kLeastAreaChange = 1e-3;

struct Measurement {
  double of[COORDINATES];
};

/// Variances of a coordinate that is no aspect ratio, and of the aspect ratio.
struct Variance {
  Variance(double height, double share_of_height, double aspect_std) {
    const double std = std::max(std::abs(height), kLeastHeight) * share_of_height;
    of[X] = of[Y] = of[HEIGHT] = std * std;
    of[ASPECT] = aspect_std * aspect_std;
  }
  double of[COORDINATES];
};

Measurement to_measurement(const Box& box) {
  const double width = box.right - box.left;
  const double height = std::max(box.bottom - box.top, kLeastHeight);
  return {{box.left + width / 2, box.top + height / 2, width / height, height}};
}

Variance measurement_noise(const State& state) {
  return {state.position[HEIGHT], kPositionStd, kAspectMeasurementStd};
}

}  // namespace

State initiate(const Box& box) {
  const Measurement measured = to_measurement(box);
  const Variance position(measured.of[HEIGHT], 2 * kPositionStd, kAspectStd);
  const Variance velocity(measured.of[HEIGHT], 10 * kVelocityStd, kAspectVelocityStd);
  State state{};
  for (int k = 0; k < COORDINATES; ++k) {
    state.position[k] = measured.of[k];
    state.position_var[k] = position.of[k];
    state.velocity_var[k] = velocity.of[k];
  }
  return state;
}

void predict(State& state, bool height_held, double dt) {
  if (height_held) state.velocity[HEIGHT] = 0;
  const double height = state.position[HEIGHT];
  const Variance position_noise(height, kPositionStd, kAspectStd);
  const Variance velocity_noise(height, kVelocityStd, kAspectVelocityStd);
  for (int k = 0; k < COORDINATES; ++k) {
    state.position[k] += dt * state.velocity[k];
    state.position_var[k] = state.position_var[k] + 2 * dt * state.covariance[k] +
                            dt * dt * state.velocity_var[k] + dt * position_noise.of[k];
    state.covariance[k] += dt * state.velocity_var[k];
    state.velocity_var[k] += dt * velocity_noise.of[k];
  }
}

void CameraMotion::check() const {
  // Written so that NaN fails each comparison.
  const bool finite = std::abs(a11) <= kLargest && std::abs(a12) <= kLargest &&
                      std::abs(tx) <= kLargest && std::abs(a21) <= kLargest &&
                      std::abs(a22) <= kLargest && std::abs(ty) <= kLargest;
  if (finite && area_change() >= kLeastAreaChange) return;
  throw InputError(
      "camera_motion is not finite, or mirrors or flattens the image; give a map from the last "
      "frame's pixels to this one's, or none");
}

void move_camera(State& state, const CameraMotion& camera) {
  const double zoom = std::sqrt(camera.area_change()), growth = zoom * zoom;
  const auto turn = [](double (&pair)[4], double a11, double a12, double a21, double a22) {
    const double x = pair[X], y = pair[Y];
    pair[X] = a11 * x + a12 * y;
    pair[Y] = a21 * x + a22 * y;
  };
  turn(state.position, camera.a11, camera.a12, camera.a21, camera.a22);
  state.position[X] += camera.tx;
  state.position[Y] += camera.ty;
  turn(state.velocity, camera.a11, camera.a12, camera.a21, camera.a22);
  state.position[HEIGHT] *= zoom;
  state.velocity[HEIGHT] *= zoom;
  for (auto* variance : {&state.position_var, &state.covariance, &state.velocity_var}) {
    turn(*variance, camera.a11 * camera.a11, camera.a12 * camera.a12, camera.a21 * camera.a21,
         camera.a22 * camera.a22);
    (*variance)[HEIGHT] *= growth;
  }
}

void update(State& state, const Box& box) {
  const Measurement measured = to_measurement(box);
  const Variance noise = measurement_noise(state);
  for (int k = 0; k < COORDINATES; ++k) {
    const double innovation_var = state.position_var[k] + noise.of[k];
    const double gain = state.position_var[k] / innovation_var;
    const double velocity_gain = state.covariance[k] / innovation_var;
    const double innovation = measured.of[k] - state.position[k];
    state.position[k] += gain * innovation;
    state.velocity[k] += velocity_gain * innovation;
    state.velocity_var[k] -= velocity_gain * state.covariance[k];
    state.position_var[k] -= gain * state.position_var[k];
    state.covariance[k] -= gain * state.covariance[k];
  }
}

double squared_distance(const State& state, const Box& box) {
  const Measurement measured = to_measurement(box);
  const Variance noise = measurement_noise(state);
  double distance = 0;
  for (int k = 0; k < COORDINATES; ++k) {
    const double innovation = measured.of[k] - state.position[k];
    distance += innovation * innovation * (1 / (state.position_var[k] + noise.of[k]));
  }
  return distance;
}

Box to_box(const State& state) {
  const double half_height = state.position[HEIGHT] / 2;
  const double half_width = half_height * state.position[ASPECT];
  return {state.position[X] - half_width, state.position[Y] - half_height,
          state.position[X] + half_width, state.position[Y] + half_height};
}

}  // namespace bytetrack::motion
