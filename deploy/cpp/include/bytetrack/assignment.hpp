#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bytetrack {

/// A track and a detection that may be matched, and the cost of that less the limit: below 0.
struct Pair {
  std::int32_t track;
  std::int32_t detection;
  double cost;
};

/// One-to-one assignment of least total cost over few pairs.
///
/// Leaving a track or a detection alone costs 0, so only pairs below 0 are given; all others can
/// never be matched. The optimum is that of `yolox.tracker.association.assign`, found by shortest
/// augmenting paths (Jonker and Volgenant, 1987) that run along the given pairs only, so that the
/// work grows with the crowding and not with the number of tracks. Which of several optima of
/// equal cost is found is not defined.
///
/// Keeps its working memory from call to call.
class Assignment {
 public:
  /// Match `pairs`, each given at most once, whose indices are below `tracks` and `detections`.
  void solve(const std::vector<Pair>& pairs, std::size_t tracks, std::size_t detections);

  /// The detection of a track, −1 if it has none.
  std::int32_t detection_of(std::size_t track) const { return detection_of_[track]; }
  /// The track of a detection, −1 if it has none.
  std::int32_t track_of(std::size_t detection) const { return track_of_[detection]; }

 private:
  struct Settled {
    std::int32_t detection;
    double distance;
  };

  void arrange(const std::vector<Pair>& pairs, std::size_t tracks);
  void add(std::int32_t track);
  void relax(std::int32_t track, double distance);
  Settled take_nearest();
  void give(std::int32_t detection, std::int32_t newcomer);

  std::vector<std::int32_t> detection_of_, track_of_;
  std::vector<Pair> pairs_;          // by track
  std::vector<std::int32_t> begin_;  // of each track's pairs, and the end of the last one's
  std::vector<double> track_price_, detection_price_;  // the dual variables
  // Of the search at hand:
  std::vector<double> distance_;            // of detections
  std::vector<std::int32_t> reached_from_;  // the track before, on the way to a detection
  std::vector<std::int32_t> open_;          // detections that are reached
  std::vector<Settled> settled_;            // detections whose distance is final
};

}  // namespace bytetrack
