#pragma once

#include <cstddef>
#include <vector>

#include "bytetrack/assignment.hpp"
#include "bytetrack/sweep.hpp"

namespace bytetrack {

/// A way that the whole image moved between two frames, in pixels.
struct Shift {
  double x = 0, y = 0;
};

/// The camera's motion from the boxes alone, as `yolox/tracker/motion/track_camera.py` defines it.
///
/// Keeps its working memory from call to call.
class BoxCamera {
 public:
  /// Estimate by how much the image moved; nothing where too few tracks are found again.
  ///
  /// Args:
  ///   predicted: Where tracks would be if the camera stood still; ordered by `sweep::sort`.
  ///   found: The detections of this frame, ordered likewise.
  ///   previous: Shift of the last frame.
  Shift estimate(const std::vector<sweep::Item>& predicted, const std::vector<sweep::Item>& found,
                 const Shift& previous);

  /// Give the median velocity of tracks; 0 of too few.
  Shift common_velocity(const std::vector<Shift>& velocities);

 private:
  Shift median_of(const std::vector<Shift>& ways);
  Shift without_chance(const Shift& shift);
  Shift first_guess(const Shift& previous);
  double fit(const Shift& shift);
  Shift vote();
  void find_ways(double reach_x, double reach_y);
  void move(const Shift& shift);
  void pair(const Shift& shift, double limit);

  // By their place in the order, which is their index here.
  std::vector<sweep::Item> predicted_, found_, moved_, near_, near_found_;
  std::vector<Shift> ways_;
  std::vector<double> best_, values_;
  std::vector<Pair> pairs_;
  Assignment assignment_;
};

}  // namespace bytetrack
