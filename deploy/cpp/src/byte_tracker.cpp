#include "bytetrack/byte_tracker.hpp"

#include <algorithm>
#include <cmath>

#include "bytetrack/input_error.hpp"

namespace bytetrack {
namespace {

// Largest costs of the second and third association, and of two tracks that are one (the original).
constexpr double kLowScoreLimit = 0.5;
constexpr double kNewTrackLimit = 0.7;
constexpr double kDuplicateLimit = 0.15;

// 0.95 quantile of the chi-squared distribution with four degrees of freedom.
constexpr double kMotionGate = 9.4877;

Parameters checked(const Parameters& parameters) {
  parameters.check();
  return parameters;
}

}  // namespace

void Parameters::check() const {
  check_range("track_thresh", track_thresh, 0, 1);
  check_range("low_thresh", low_thresh, 0, 1);
  check_range("match_thresh", match_thresh, 0, 1);
  check_range("track_buffer", track_buffer, 0, 1e6);
  check_range("frame_rate", frame_rate, 1e-3, 1e6);
  if (new_thresh) check_range("new_thresh", *new_thresh, 0, 1);
}

ByteTracker::ByteTracker(const Parameters& parameters)
    : parameters_(checked(parameters)),
      new_thresh_(parameters.new_thresh.value_or(parameters.track_thresh + 0.1)),
      longest_loss_(std::trunc(parameters.frame_rate / 30 * parameters.track_buffer)),
      pixel_(parameters.legacy ? 1 : 0) {}

void ByteTracker::reset() { restore({}); }

ByteTracker::Snapshot ByteTracker::save() const {
  return {frame_, next_id_, time_, {tracks_.begin(), tracks_.end()}};
}

void ByteTracker::restore(const Snapshot& snapshot) {
  frame_ = snapshot.frame;
  time_ = snapshot.time;
  next_id_ = snapshot.next_id;
  places_ = 0;
  output_.clear();
  tracks_.clear();
  for (const TrackState& track : snapshot.tracks) {
    tracks_.push_back({track, motion::to_box(track.motion), places_++, false});
  }
}

const std::vector<Track>& ByteTracker::update(const DetectionView& detections,
                                              const FrameStep& step) {
  detections.check();
  step.check();
  ++frame_;
  time_ += step.dt;
  split_by_score(detections);
  predict(step);

  associate(known_, detections, high_, parameters_.match_thresh, Strength::kHigh);
  sweep::remove_if(high_, [&](const auto& item) { return assignment_.track_of(item.index) >= 0; });
  correct(known_, detections);

  // Of the tracks that nobody was found for the ones seen in the last frame get a second chance.
  sweep::remove_if(known_, [&](const auto& item) {
    const Row& row = tracks_[item.index];
    return row.last_time == time_ || row.status != Status::kTracked;
  });
  associate(known_, detections, low_, kLowScoreLimit, Strength::kLow);
  correct(known_, detections);
  for (const auto& item : known_) {
    Row& row = tracks_[item.index];
    if (row.last_time != time_) row.status = Status::kLost;
  }

  associate(fresh_, detections, high_, kNewTrackLimit, Strength::kHigh);
  sweep::remove_if(high_, [&](const auto& item) { return assignment_.track_of(item.index) >= 0; });
  correct(fresh_, detections);
  for (const auto& item : fresh_) {
    Row& row = tracks_[item.index];
    if (row.last_time != time_) row.dropped = true;
  }

  name_confirmed();
  drop_marked();
  start_tracks(detections);
  drop_expired();
  drop_duplicates();
  report();
  return output_;
}

void ByteTracker::split_by_score(const DetectionView& detections) {
  const double high = parameters_.track_thresh, low = parameters_.low_thresh;
  high_.clear();
  low_.clear();
  for (std::size_t row = 0; row < detections.count; ++row) {
    const double score = detections.score(row);
    const bool is_high = parameters_.legacy ? score > high : score >= high;
    // With `legacy` a score equal to either threshold is in neither set.
    const bool is_low = parameters_.legacy ? score < high && score > low : score >= low;
    if (!is_high && !is_low) continue;
    (is_high ? high_ : low_)
        .push_back(sweep::item(detections.box(row), static_cast<std::int32_t>(row), pixel_));
  }
  sweep::sort(high_);
  sweep::sort(low_);
}

void ByteTracker::predict(const FrameStep& step) {
  known_.clear();
  fresh_.clear();
  sweep::order_by_place(tracks_, places_, by_place_);
  for (const std::int32_t index : by_place_) {
    if (index < 0) continue;
    Row& row = tracks_[index];
    const bool fresh = row.status == Status::kNew;
    // The original leaves new tracks where they were first seen.
    const bool moves = !fresh || !parameters_.legacy;
    if (step.camera) motion::move_camera(row.motion, *step.camera);
    if (moves) motion::predict(row.motion, row.status == Status::kLost, step.dt);
    if (moves || step.camera) row.box = motion::to_box(row.motion);
    (fresh ? fresh_ : known_)
        .push_back(sweep::item(row.box, index, pixel_));
  }
  sweep::resort(known_);
  sweep::resort(fresh_);
  places_ = 0;
  for (const auto& item : known_) tracks_[item.index].place = places_++;
  for (const auto& item : fresh_) tracks_[item.index].place = places_++;
}

/// Assign candidate detections to tracks; `assignment_` has the outcome.
void ByteTracker::associate(const std::vector<sweep::Item>& tracks,
                            const DetectionView& detections,
                            const std::vector<sweep::Item>& candidates, double limit,
                            Strength strength) {
  const bool fused = strength == Strength::kHigh && parameters_.fuse_score;
  pairs_.clear();
  sweep::for_each_overlap(
      tracks, candidates, pixel_,
      [&](const sweep::Item& track, const sweep::Item& detection, double overlap) {
        const Row& row = tracks_[track.index];
        double cost = 1 - overlap;
        // Not `1 - overlap * score`, from which it differs in the last digit.
        if (fused) cost = 1 - (1 - cost) * detections.score(detection.index);
        if (!(cost < limit)) return;
        if (parameters_.class_aware && row.class_id != detections.class_id(detection.index)) return;
        if (parameters_.motion_gate &&
            !(motion::squared_distance(row.motion, detection.box) <= kMotionGate)) {
          return;
        }
        pairs_.push_back({track.index, detection.index, cost - limit});
      });
  assignment_.solve(pairs_, tracks_.size(), detections.count);
}

/// Update matched tracks by their detections; a lost or new track is tracked from here.
void ByteTracker::correct(const std::vector<sweep::Item>& tracks,
                          const DetectionView& detections) {
  for (const auto& item : tracks) {
    const std::int32_t detection = assignment_.detection_of(item.index);
    if (detection < 0) continue;
    Row& row = tracks_[item.index];
    motion::update(row.motion, detections.box(detection));
    row.box = motion::to_box(row.motion);
    row.status = Status::kTracked;
    record(row, detections, detection);
  }
}

/// Note in a track which detection it was given.
void ByteTracker::record(Row& row, const DetectionView& detections, std::int32_t detection) const {
  row.score = detections.score(detection);
  row.class_id = detections.class_id(detection);
  row.detection = detection;
  row.last_time = time_;
}

/// Number the tracks that got their second detection.
void ByteTracker::name_confirmed() {
  // The original numbers a track at birth, so its ids have gaps; then there is nothing to do.
  for (Row& row : tracks_) {
    if (row.id == 0 && row.status == Status::kTracked) row.id = next_id_++;
  }
}

void ByteTracker::start_tracks(const DetectionView& detections) {
  starting_.clear();
  for (const auto& item : high_) {
    if (detections.score(item.index) >= new_thresh_) starting_.push_back(item.index);
  }
  std::sort(starting_.begin(), starting_.end());
  // In the first frame there is nothing to confirm a track against.
  const bool confirmed = frame_ == 1;
  for (const std::int32_t detection : starting_) {
    Row row{};
    row.motion = motion::initiate(detections.box(detection));
    row.box = motion::to_box(row.motion);
    row.start_time = time_;
    row.place = places_++;
    row.status = confirmed ? Status::kTracked : Status::kNew;
    if (parameters_.legacy || confirmed) row.id = next_id_++;
    record(row, detections, detection);
    tracks_.push_back(row);
  }
}

void ByteTracker::drop_expired() {
  for (Row& row : tracks_) {
    if (row.status != Status::kLost) continue;
    const double unseen = time_ - row.last_time;
    if (parameters_.legacy) {
      // The original can still find a track in the frame after it expired, but drops it as soon as
      // it is lost again; and a track does not expire in the very frame in which it is lost.
      row.dropped = row.expired;
      if (unseen > std::max(longest_loss_, 1.0)) row.expired = true;
    } else {
      row.dropped = unseen > longest_loss_;
    }
  }
  drop_marked();
}

/// Of a seen and a lost track in one place keep the longer lived, at a tie the lost one.
void ByteTracker::drop_duplicates() {
  seen_.clear();
  lost_.clear();
  sweep::order_by_place(tracks_, places_, by_place_);
  for (const std::int32_t index : by_place_) {
    if (index < 0) continue;
    const Row& row = tracks_[index];
    (row.status == Status::kLost ? lost_ : seen_).push_back(sweep::item(row.box, index, pixel_));
  }
  if (seen_.empty() || lost_.empty()) return;
  sweep::resort(seen_);
  sweep::resort(lost_);
  sweep::for_each_overlap(
      seen_, lost_, pixel_, [&](const sweep::Item& a, const sweep::Item& b, double overlap) {
        if (!(1 - overlap < kDuplicateLimit)) return;
        Row &seen = tracks_[a.index], &lost = tracks_[b.index];
        if (parameters_.class_aware && seen.class_id != lost.class_id) return;
        const bool seen_older =
            seen.last_time - seen.start_time > lost.last_time - lost.start_time;
        (seen_older ? lost : seen).dropped = true;
      });
  drop_marked();
}

void ByteTracker::drop_marked() {
  tracks_.erase(std::remove_if(tracks_.begin(), tracks_.end(),
                               [](const Row& row) { return row.dropped; }),
                tracks_.end());
}

void ByteTracker::report() {
  output_.clear();
  for (const Row& row : tracks_) {
    if (row.status != Status::kTracked) continue;
    output_.push_back({row.id, row.box, row.score, row.class_id, row.detection});
  }
}

}  // namespace bytetrack
