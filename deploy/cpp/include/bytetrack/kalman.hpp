#pragma once

/// Constant-velocity Kalman filter over four coordinates of a box.
///
/// The noise is diagonal and the motion couples a coordinate only with its own velocity, so the
/// usual 8×8 filter falls apart into four filters of two numbers each: no matrix is inverted, and
/// the result is the same. The arithmetic is, operation for operation, that of
/// `yolox/tracker/motion/kalman.py`, which decides what is right.
namespace bytetrack::kalman {

constexpr int kCoordinates = 4;

/// A number for each coordinate.
struct Values {
  double of[kCoordinates];
};

/// The four coordinates of one track.
struct State {
  double position[kCoordinates];
  double velocity[kCoordinates];
  double position_var[kCoordinates];
  double covariance[kCoordinates];
  double velocity_var[kCoordinates];
};

/// Start a track at rest where it was measured.
inline State initiate(const Values& measured, const Values& position_var,
                      const Values& velocity_var) {
  State state{};
  for (int k = 0; k < kCoordinates; ++k) {
    state.position[k] = measured.of[k];
    state.position_var[k] = position_var.of[k];
    state.velocity_var[k] = velocity_var.of[k];
  }
  return state;
}

/// Move a track `dt` frames ahead; the noise is that of one frame, as variances.
inline void predict(State& state, const Values& position_noise, const Values& velocity_noise,
                    double dt) {
  for (int k = 0; k < kCoordinates; ++k) {
    state.position[k] += dt * state.velocity[k];
    state.position_var[k] = state.position_var[k] + 2 * dt * state.covariance[k] +
                            dt * dt * state.velocity_var[k] + dt * position_noise.of[k];
    state.covariance[k] += dt * state.velocity_var[k];
    state.velocity_var[k] += dt * velocity_noise.of[k];
  }
}

/// Correct a track by what was measured; the noise is a variance.
inline void update(State& state, const Values& measured, const Values& noise) {
  for (int k = 0; k < kCoordinates; ++k) {
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

/// Squared Mahalanobis distance of a measurement: chi-squared, four degrees of freedom.
inline double squared_distance(const State& state, const Values& measured, const Values& noise) {
  double distance = 0;
  for (int k = 0; k < kCoordinates; ++k) {
    const double innovation = measured.of[k] - state.position[k];
    distance += innovation * innovation * (1 / (state.position_var[k] + noise.of[k]));
  }
  return distance;
}

}  // namespace bytetrack::kalman
