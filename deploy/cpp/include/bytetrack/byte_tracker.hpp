#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bytetrack/assignment.hpp"
#include "bytetrack/box.hpp"
#include "bytetrack/detection.hpp"
#include "bytetrack/motion.hpp"
#include "bytetrack/sweep.hpp"
#include "bytetrack/track.hpp"

namespace bytetrack {

/// The parameters of BYTE; `docs/trackers/byte.md` tells each in full.
struct Parameters {
  double track_thresh = 0.6;          ///< Score above which a detection is a high-score one.
  double low_thresh = 0.1;            ///< Score above which a detection is used at all.
  std::optional<double> new_thresh;   ///< Score that starts a track; track_thresh + 0.1 if none.
  double match_thresh = 0.9;          ///< Cost below which a high-score match is allowed.
  double track_buffer = 30;           ///< Frames that a lost track is kept, at 30 a second.
  double frame_rate = 30;             ///< Frames a second; scales track_buffer.
  bool fuse_score = true;             ///< Multiply the overlap by the detection's score.
  bool class_aware = false;           ///< Never give a track a detection of another class.
  bool motion_gate = false;           ///< Forbid matches that the motion model finds unlikely.
  bool legacy = true;                 ///< Keep the original's quirks.

  /// Check the ranges. Throws InputError, which names the parameter.
  void check() const;
};

/// What is known of a track between two frames.
struct TrackState {
  motion::State motion;
  double score;
  std::int64_t id;  ///< 0: none yet.
  std::int64_t class_id, detection;
  double last_time, start_time;
  Status status;
  bool expired;  ///< Only with `legacy`.
};

/// BYTE: associate every detection box, the high scores first and then the low ones.
///
/// Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box" (2022). It
/// does what `yolox.tracker.byte_tracker.ByteTrack` does, which is the definition.
///
/// Memory stays at what the fullest frame needed. An instance is for one thread at a time.
class ByteTracker {
 public:
  /// All that `update` changes.
  struct Snapshot {
    std::int64_t frame = 0, next_id = 1;
    double time = 0;
    std::vector<TrackState> tracks;
  };

  /// Throws InputError where a parameter is out of range.
  explicit ByteTracker(const Parameters& parameters = {});

  /// Take in the next frame; one without detections is a frame too.
  ///
  /// Returns the tracks of this frame by rising id; the reference is good until the next call.
  /// Throws InputError where an argument is malformed; the tracker is then as it was before.
  const std::vector<Track>& update(const DetectionView& detections, const FrameStep& step = {});

  /// Copy out all that `update` changes.
  Snapshot save() const;

  /// Go on where a tracker of the same parameters stood.
  void restore(const Snapshot& snapshot);

  /// Forget everything: the next frame is the first, the next id is 1.
  void reset();

  /// Frames seen since the start or the last reset.
  std::int64_t frame() const { return frame_; }

  /// Tracks that are kept, lost and new ones too.
  std::size_t track_count() const { return tracks_.size(); }

 private:
  struct Row : TrackState {
    Box box;             // of `motion`
    std::int32_t place;  // among all, from left to right, when they were last ordered
    bool dropped;        // at the end of this frame
  };

  enum class Strength : std::uint8_t { kHigh, kLow };

  void split_by_score(const DetectionView& detections);
  void predict(const FrameStep& step);
  void associate(const std::vector<sweep::Item>& tracks, const DetectionView& detections,
                 const std::vector<sweep::Item>& candidates, double limit, Strength strength);
  void correct(const std::vector<sweep::Item>& tracks, const DetectionView& detections);
  void record(Row& row, const DetectionView& detections, std::int32_t detection) const;
  void name_confirmed();
  void start_tracks(const DetectionView& detections);
  void drop_expired();
  void drop_duplicates();
  void drop_marked();
  void report();

  Parameters parameters_;
  double new_thresh_;
  double longest_loss_;  // frames
  double pixel_;  // the original counts pixels with both borders inclusive

  std::int64_t frame_ = 0;
  double time_ = 0;
  std::int64_t next_id_ = 1;
  std::vector<Row> tracks_;  // by rising id: those without one are the newest
  std::vector<Track> output_;

  // Working memory: each side of an association, ordered from left to right.
  std::vector<sweep::Item> high_, low_, known_, fresh_, seen_, lost_;
  std::vector<Pair> pairs_;
  std::vector<std::int32_t> starting_;
  std::vector<std::int32_t> by_place_;  // rows, −1 where one was dropped
  std::int32_t places_ = 0;
  Assignment assignment_;
};

}  // namespace bytetrack
