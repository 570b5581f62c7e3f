#pragma once

#include <cstdint>
#include <vector>

#include "bytetrack/assignment.hpp"
#include "bytetrack/box.hpp"
#include "bytetrack/byte_parameters.hpp"
#include "bytetrack/tracker.hpp"

namespace bytetrack {

/// What BYTE knows of a track between two frames.
struct ByteState : TrackState {
  bool expired;  ///< Only with `legacy`.

  Box to_box() const;
};

/// BYTE: associate every detection box, the high scores first and then the low ones.
///
/// Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box" (2022). It
/// does what `yolox.tracker.byte_tracker.ByteTrack` does, which is the definition.
class ByteTracker : public TrackerOf<ByteState> {
 public:
  using Parameters = ByteParameters;
  static constexpr const char* kName = "byte";

  /// Throws InputError where a parameter is out of range.
  explicit ByteTracker(const ByteParameters& parameters = {});

 protected:
  void take_in(const DetectionView& detections, const FrameStep& step) override;

 private:
  enum class Strength : std::uint8_t { kHigh, kLow };

  void split_by_score(const DetectionView& detections);
  void predict(const FrameStep& step);
  void associate(const Items& tracks, const DetectionView& detections, const Items& candidates,
                 double limit, Strength strength);
  void correct(const Items& tracks, const DetectionView& detections);
  void name_confirmed();
  void start_tracks(const DetectionView& detections);
  void drop_expired();
  void drop_duplicates();
  void report();

  ByteParameters parameters_;
  double new_thresh_;
  double longest_loss_;  // frames

  // Working memory: each side of an association, ordered from left to right.
  Items high_, low_, known_, fresh_, lost_;
  std::vector<Pair> pairs_;
  std::vector<std::int32_t> starting_;
  Assignment assignment_;
};

}  // namespace bytetrack
