#pragma once

#include "bytetrack/box.hpp"

/// The motion model of DeepSORT and BYTE: a constant-velocity Kalman filter over centre x, centre y,
/// aspect ratio and height, its noise by the height.
///
/// The noise is diagonal and the motion couples a coordinate only with its own velocity, so the
/// usual 8×8 filter falls apart into four filters of two numbers each: no matrix is inverted, and
/// the result is the same. The arithmetic is, operation for operation, that of
/// `yolox/tracker/motion/`, which decides what is right.
namespace bytetrack::motion {

/// The four coordinates of one track, in the order above.
struct State {
  double position[4];
  double velocity[4];
  double position_var[4];
  double covariance[4];
  double velocity_var[4];
};

/// Start a track at rest where it was measured.
State initiate(const Box& box);

/// Move a track `dt` frames ahead; with `height_held` (nobody sees it) its height stops changing.
void predict(State& state, bool height_held, double dt = 1);

/// How the camera moved: an affine map from the pixels of the last frame to those of this one.
struct CameraMotion {
  double a11 = 1, a12 = 0, tx = 0;
  double a21 = 0, a22 = 1, ty = 0;

  /// By how much it changes areas.
  double area_change() const { return a11 * a22 - a12 * a21; }

  /// Throws InputError where it is not finite, or mirrors or flattens the image.
  void check() const;
};

/// Bring a track of the last frame into the pixels of this one.
void move_camera(State& state, const CameraMotion& camera);

/// Correct a track by what was measured.
void update(State& state, const Box& box);

/// Squared Mahalanobis distance of a box from a predicted track: chi-squared, 4 degrees of freedom.
double squared_distance(const State& state, const Box& box);

/// Read the box of a track.
Box to_box(const State& state);

}  // namespace bytetrack::motion
