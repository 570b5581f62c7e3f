#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytetrack/box.hpp"
#include "bytetrack/detection.hpp"
#include "bytetrack/kalman.hpp"
#include "bytetrack/sweep.hpp"
#include "bytetrack/track.hpp"

namespace bytetrack {

/// Turns the detections of one frame after another into tracks.
///
/// Memory stays at what the fullest frame needed. An instance is for one thread at a time.
class Tracker {
 public:
  virtual ~Tracker() = default;

  /// Take in the next frame; one without detections is a frame too.
  ///
  /// Returns the tracks of this frame by rising id; the reference is good until the next call.
  /// Throws InputError where an argument is malformed; the tracker is then as it was before.
  const std::vector<Track>& update(const DetectionView& detections, const FrameStep& step = {});

  /// Forget everything: the next frame is the first, the next id is 1.
  virtual void reset() = 0;

  /// Frames seen since the start or the last reset.
  std::int64_t frame() const { return frame_; }

  /// Tracks that are kept, lost and new ones too.
  virtual std::size_t track_count() const = 0;

 protected:
  /// Take in a checked frame; frame and time are this frame's already, and `output_` is empty.
  virtual void take_in(const DetectionView& detections, const FrameStep& step) = 0;

  std::int64_t frame_ = 0;
  double time_ = 0;
  std::int64_t next_id_ = 1;
  std::vector<Track> output_;
};

/// What is known of a track between two frames; an algorithm adds its own.
struct TrackState {
  kalman::State motion;
  double score;
  std::int64_t id;  ///< 0: none yet.
  std::int64_t class_id, detection;
  double last_time, start_time;
  Status status;
};

/// A tracker with its table of tracks.
///
/// `State` is a TrackState that reads its box by `Box to_box() const`.
template <typename State>
class TrackerOf : public Tracker {
 public:
  /// All that `update` changes.
  struct Snapshot {
    std::int64_t frame = 0, next_id = 1;
    double time = 0;
    std::vector<State> tracks;
  };

  /// Copy out all that `update` changes.
  Snapshot save() const {
    return {frame_, next_id_, time_, {tracks_.begin(), tracks_.end()}};
  }

  /// Go on where a tracker of the same parameters stood.
  void restore(const Snapshot& snapshot);

  void reset() override { restore({}); }
  std::size_t track_count() const override { return tracks_.size(); }

 protected:
  struct Row : State {
    Box box;             // of `motion`
    std::int32_t place;  // among all, from left to right, when they were last ordered
    bool dropped;        // at the end of this frame
  };
  using Items = std::vector<sweep::Item>;

  /// Args:
  ///   pixel: As for `sweep::item`.
  explicit TrackerOf(double pixel) : pixel_(pixel) {}

  /// Take the detections whose scores meet a condition, from left to right.
  template <typename Condition>
  void choose(Items& into, const DetectionView& detections, Condition condition) const;

  /// Order all tracks from left to right.
  void arrange();

  /// Take those of all tracks, in their order, that meet a condition.
  template <typename Condition>
  void select(Items& into, Condition condition) const;

  /// Divide all tracks, in their order, into those that meet a condition and the others.
  template <typename Condition>
  void divide(Items& those, Items& others, Condition condition) const;

  /// Note in a track which detection it was given.
  void record(Row& row, const DetectionView& detections, std::int32_t detection) const;

  /// Add a track of a detection, without an id yet: new, or in the first frame tracked.
  Row& start(const kalman::State& motion, const DetectionView& detections, std::int32_t detection);

  /// Of two tracks in one place, of which one is lost, mark the shorter lived, at a tie the other.
  void mark_duplicates(const Items& tracks, const Items& lost, double limit, bool class_aware);

  /// Drop the tracks that are marked.
  void drop_marked();

  std::vector<Row> tracks_;  // by rising id: those without one are the newest
  Items everyone_;           // as `arrange` found them
  double pixel_;

 private:
  std::vector<std::int32_t> by_place_;  // rows, −1 where one was dropped
  std::int32_t places_ = 0;
};

template <typename State>
void TrackerOf<State>::restore(const Snapshot& snapshot) {
  frame_ = snapshot.frame;
  time_ = snapshot.time;
  next_id_ = snapshot.next_id;
  places_ = 0;
  output_.clear();
  tracks_.clear();
  for (const State& track : snapshot.tracks) {
    tracks_.push_back({track, track.to_box(), places_++, false});
  }
}

template <typename State>
template <typename Condition>
void TrackerOf<State>::choose(Items& into, const DetectionView& detections,
                              Condition condition) const {
  into.clear();
  for (std::size_t row = 0; row < detections.count; ++row) {
    if (!condition(detections.score(row))) continue;
    into.push_back(sweep::item(detections.box(row), static_cast<std::int32_t>(row), pixel_));
  }
  sweep::sort(into);
}

template <typename State>
void TrackerOf<State>::arrange() {
  sweep::order_by_place(tracks_, places_, by_place_);
  everyone_.clear();
  for (const std::int32_t index : by_place_) {
    if (index >= 0) everyone_.push_back(sweep::item(tracks_[index].box, index, pixel_));
  }
  sweep::resort(everyone_);
  places_ = 0;
  for (const auto& item : everyone_) tracks_[item.index].place = places_++;
}

template <typename State>
template <typename Condition>
void TrackerOf<State>::select(Items& into, Condition condition) const {
  into.clear();
  for (const auto& item : everyone_) {
    if (condition(tracks_[item.index])) into.push_back(item);
  }
}

template <typename State>
template <typename Condition>
void TrackerOf<State>::divide(Items& those, Items& others, Condition condition) const {
  those.clear();
  others.clear();
  for (const auto& item : everyone_) {
    (condition(tracks_[item.index]) ? those : others).push_back(item);
  }
}

template <typename State>
void TrackerOf<State>::record(Row& row, const DetectionView& detections,
                              std::int32_t detection) const {
  row.score = detections.score(detection);
  row.class_id = detections.class_id(detection);
  row.detection = detection;
  row.last_time = time_;
}

template <typename State>
typename TrackerOf<State>::Row& TrackerOf<State>::start(const kalman::State& motion,
                                                        const DetectionView& detections,
                                                        std::int32_t detection) {
  Row& row = tracks_.emplace_back();
  row.motion = motion;
  row.box = row.to_box();
  row.place = places_++;
  row.start_time = time_;
  // In the first frame there is nothing to confirm a track against.
  row.status = frame_ == 1 ? Status::kTracked : Status::kNew;
  record(row, detections, detection);
  return row;
}

template <typename State>
void TrackerOf<State>::mark_duplicates(const Items& tracks, const Items& lost, double limit,
                                       bool class_aware) {
  sweep::for_each_overlap(
      tracks, lost, pixel_, [&](const sweep::Item& a, const sweep::Item& b, double overlap) {
        if (!(1 - overlap < limit)) return;
        Row &one = tracks_[a.index], &lost_one = tracks_[b.index];
        if (one.status == Status::kLost) return;
        if (class_aware && one.class_id != lost_one.class_id) return;
        const bool older =
            one.last_time - one.start_time > lost_one.last_time - lost_one.start_time;
        (older ? lost_one : one).dropped = true;
      });
}

template <typename State>
void TrackerOf<State>::drop_marked() {
  tracks_.erase(std::remove_if(tracks_.begin(), tracks_.end(),
                               [](const Row& row) { return row.dropped; }),
                tracks_.end());
}

}  // namespace bytetrack
