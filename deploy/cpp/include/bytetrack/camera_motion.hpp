#pragma once

#include "bytetrack/box.hpp"
#include "bytetrack/kalman.hpp"

namespace bytetrack {

/// How the camera moved: an affine map from the pixels of the last frame to those of this one.
struct CameraMotion {
  double a11 = 1, a12 = 0, tx = 0;
  double a21 = 0, a22 = 1, ty = 0;

  /// By how much it changes areas.
  double area_change() const { return a11 * a22 - a12 * a21; }

  /// Throws InputError where it is not finite, or mirrors or flattens the image.
  void check() const;
};

/// Which power of a length a coordinate of a track's size is.
enum class Power { kRatio, kLength };

/// Bring a track of the last frame, x and y its first coordinates, into the pixels of this one.
///
/// Args:
///   third, fourth: What its other two coordinates are.
void move_camera(kalman::State& state, const CameraMotion& camera, Power third, Power fourth);

/// Map a box to this frame: the centre is moved, the sides grow by the zoom.
Box move_box(const Box& box, const CameraMotion& camera);

}  // namespace bytetrack
