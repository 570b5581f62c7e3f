#include "bytetrack/byte_tracker.hpp"

#include <algorithm>
#include <cmath>

#include "bytetrack/motion.hpp"

namespace bytetrack {
namespace {

// Largest costs of the second and third association, and of two tracks that are one (the original).
constexpr double kLowScoreLimit = 0.5;
constexpr double kNewTrackLimit = 0.7;
constexpr double kDuplicateLimit = 0.15;

// 0.95 quantile of the chi-squared distribution with four degrees of freedom.
constexpr double kMotionGate = 9.4877;

}  // namespace

Box ByteState::to_box() const { return motion::to_box(motion); }

ByteTracker::ByteTracker(const ByteParameters& parameters)
    // The original counts pixels with both borders inclusive.
    : TrackerOf(parameters.legacy ? 1 : 0),
      parameters_(checked(parameters)),
      new_thresh_(parameters.new_thresh.value_or(parameters.track_thresh + 0.1)),
      longest_loss_(std::trunc(parameters.frame_rate / 30 * parameters.track_buffer)) {}

void ByteTracker::take_in(const DetectionView& detections, const FrameStep& step) {
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
}

void ByteTracker::split_by_score(const DetectionView& detections) {
  const double high = parameters_.track_thresh, low = parameters_.low_thresh;
  // With `legacy` a score equal to either threshold is in neither set.
  const bool legacy = parameters_.legacy;
  choose(high_, detections, [&](double score) { return legacy ? score > high : score >= high; });
  choose(low_, detections, [&](double score) {
    return score < high && (legacy ? score > low : score >= low);
  });
}

void ByteTracker::predict(const FrameStep& step) {
  for (Row& row : tracks_) {
    // The original leaves new tracks where they were first seen.
    const bool moves = row.status != Status::kNew || !parameters_.legacy;
    if (step.camera) motion::move_camera(row.motion, *step.camera);
    if (moves) motion::predict(row.motion, row.status == Status::kLost, step.dt);
    if (moves || step.camera) row.box = row.to_box();
  }
  arrange();
  divide(fresh_, known_, [](const Row& row) { return row.status == Status::kNew; });
}

/// Assign candidate detections to tracks; `assignment_` has the outcome.
void ByteTracker::associate(const Items& tracks, const DetectionView& detections,
                            const Items& candidates, double limit, Strength strength) {
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
void ByteTracker::correct(const Items& tracks, const DetectionView& detections) {
  for (const auto& item : tracks) {
    const std::int32_t detection = assignment_.detection_of(item.index);
    if (detection < 0) continue;
    Row& row = tracks_[item.index];
    motion::update(row.motion, detections.box(detection));
    row.box = row.to_box();
    row.status = Status::kTracked;
    record(row, detections, detection);
  }
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
  for (const std::int32_t detection : starting_) {
    Row& row = start(motion::initiate(detections.box(detection)), detections, detection);
    if (parameters_.legacy || row.status == Status::kTracked) row.id = next_id_++;
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

void ByteTracker::drop_duplicates() {
  arrange();
  select(lost_, [](const Row& row) { return row.status == Status::kLost; });
  mark_duplicates(everyone_, lost_, kDuplicateLimit, parameters_.class_aware);
  drop_marked();
}

void ByteTracker::report() {
  for (const Row& row : tracks_) {
    if (row.status != Status::kTracked) continue;
    output_.push_back({row.id, row.box, row.score, row.class_id, row.detection});
  }
}

}  // namespace bytetrack
