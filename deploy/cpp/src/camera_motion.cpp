#include "bytetrack/camera_motion.hpp"

#include <cmath>

#include "bytetrack/input_error.hpp"

namespace bytetrack {
namespace {

// Of a camera's map between two frames.
constexpr double kLargest = 1e12;
constexpr double kLeastAreaChange = 1e-3;

}  // namespace

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

void move_camera(kalman::State& state, const CameraMotion& camera, Power third, Power fourth) {
  const double zoom = std::sqrt(camera.area_change()), growth = zoom * zoom;
  const auto turn = [](double (&pair)[kalman::kCoordinates], double a11, double a12, double a21,
                       double a22) {
    const double x = pair[0], y = pair[1];
    pair[0] = a11 * x + a12 * y;
    pair[1] = a21 * x + a22 * y;
  };
  turn(state.position, camera.a11, camera.a12, camera.a21, camera.a22);
  state.position[0] += camera.tx;
  state.position[1] += camera.ty;
  turn(state.velocity, camera.a11, camera.a12, camera.a21, camera.a22);
  for (auto* variance : {&state.position_var, &state.covariance, &state.velocity_var}) {
    turn(*variance, camera.a11 * camera.a11, camera.a12 * camera.a12, camera.a21 * camera.a21,
         camera.a22 * camera.a22);
  }
  const auto grow = [&](int k) {
    state.position[k] *= zoom;
    state.velocity[k] *= zoom;
    state.position_var[k] *= growth;
    state.covariance[k] *= growth;
    state.velocity_var[k] *= growth;
  };
  if (third == Power::kLength) grow(2);
  if (fourth == Power::kLength) grow(3);
}

Box move_box(const Box& box, const CameraMotion& camera) {
  const double zoom = std::sqrt(camera.area_change());
  const double x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
  const double half_width = (box.right - box.left) / 2 * zoom;
  const double half_height = (box.bottom - box.top) / 2 * zoom;
  const double moved_x = camera.a11 * x + camera.a12 * y + camera.tx;
  const double moved_y = camera.a21 * x + camera.a22 * y + camera.ty;
  return {moved_x - half_width, moved_y - half_height, moved_x + half_width, moved_y + half_height};
}

}  // namespace bytetrack
