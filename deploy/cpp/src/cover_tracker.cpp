#include "bytetrack/cover_tracker.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bytetrack {
namespace {

// Tens that a squared distance counts at most, so that a far pair can still be the best there is.
constexpr double kLargestDistance = 4;

// How fast a track learns its own noise, from which detection on, and within which limits.
constexpr double kSurpriseRate = 0.1, kLeastSurprise = 0.05, kLargestSurprise = 20;
constexpr std::int64_t kSurpriseHits = 3;

// Share of the velocity common to all that goes from the tracks to the camera in a frame.
constexpr double kCommonShare = 0.02;

// Share of the width that must be inside the image, for somebody unseen to be put out.
constexpr double kLeastInside = 0.5;

constexpr double kForbidden = std::numeric_limits<double>::infinity();

/// Multiply an overlap by a score, as `fuse_score` does; not `1 - overlap * score`, from which it
/// differs in the last digit.
double fuse_score(double cost, double score) { return 1 - (1 - cost) * score; }

}  // namespace

Box CoverState::to_box() const { return xtwh::to_box(motion); }

CoverTracker::CoverTracker(const CoverParameters& parameters)
    : TrackerOf(0),
      parameters_(checked(parameters)),
      noise_{parameters.position_noise,      parameters.size_noise,
             parameters.velocity_noise,      parameters.size_velocity_noise,
             parameters.position_error,      parameters.size_error},
      longest_loss_(parameters.frame_rate / 30 * parameters.track_buffer),
      longest_unseen_(parameters.longest_unseen * parameters.frame_rate),
      pace_(30 / parameters.frame_rate) {}

CoverTracker::Snapshot CoverTracker::save() const { return {TrackerOf::save(), camera_shift_}; }

void CoverTracker::restore(const Snapshot& snapshot) {
  TrackerOf::restore(snapshot);
  camera_shift_ = snapshot.camera_shift;
}

void CoverTracker::reset() { restore({}); }

void CoverTracker::take_in(const DetectionView& detections, const FrameStep& step) {
  split_by_score(detections);
  predict(step.dt);
  follow_camera(step);
  select(seen_, [](const Row& row) { return row.status == Status::kTracked; });
  find_cover(everyone_);

  associate_high(detections);
  associate_low(detections, step.dt);
  associate_new(detections);
  settle();
  arrange();
  select(seen_, [](const Row& row) { return row.status == Status::kTracked; });
  select(lost_, [](const Row& row) { return row.status == Status::kLost; });
  start_tracks(detections);
  drop_expired();
  mark_duplicates(seen_, lost_, parameters_.duplicate_limit, parameters_.class_aware);
  doubt(step.dt);
  drop_marked();
  report(detections);
}

void CoverTracker::split_by_score(const DetectionView& detections) {
  const double high = parameters_.track_thresh, low = parameters_.low_thresh;
  choose(high_, detections, [&](double score) { return score >= high; });
  choose(low_, detections, [&](double score) { return score < high && score >= low; });
}

/// Move all tracks ahead; those that were hard to foresee become uncertain faster.
void CoverTracker::predict(double dt) {
  for (Row& row : tracks_) {
    const double share = std::pow(std::max(row.surprise, kLeastSurprise), parameters_.adaptation);
    xtwh::predict(row.motion, row.status == Status::kLost, noise_, share, dt, pace_);
    row.box = row.to_box();
  }
}

/// Bring all tracks into the pixels of this frame.
void CoverTracker::follow_camera(const FrameStep& step) {
  if (!step.camera && !parameters_.box_camera) return arrange();
  const CameraMotion camera = step.camera ? *step.camera : estimate_camera(step.dt);
  for (Row& row : tracks_) {
    xtwh::move_camera(row.motion, camera);
    row.box = row.to_box();
    row.last_box = move_box(row.last_box, camera);
  }
  arrange();
}

CameraMotion CoverTracker::estimate_camera(double dt) {
  arrange();
  select(seen_, [](const Row& row) { return row.status == Status::kTracked && row.hits > 1; });
  // A velocity that all share is rather the camera's; left alone, the two would drift apart.
  velocities_.clear();
  for (const auto& item : seen_) {
    const auto& velocity = tracks_[item.index].motion.velocity;
    velocities_.push_back({velocity[0], velocity[1]});
  }
  const Shift common = camera_.common_velocity(velocities_);
  const double x = common.x * kCommonShare, y = common.y * kCommonShare;
  for (Row& row : tracks_) {
    row.motion.velocity[0] -= x;
    row.motion.velocity[1] -= y;
    row.motion.position[0] -= x * dt;
    row.motion.position[1] -= y * dt;
    row.box = row.to_box();
  }
  for (auto& item : seen_) item = sweep::item(tracks_[item.index].box, item.index, 0);
  camera_shift_ = camera_.estimate(seen_, high_, camera_shift_);
  return {1, 0, camera_shift_.x, 0, 1, camera_shift_.y};
}

/// Find how much of each box somebody hides whose feet are lower in the image.
void CoverTracker::find_cover(const Items& tracks) {
  for (const auto& item : tracks) tracks_[item.index].cover = 0;
  sweep::for_each_meeting(
      tracks, seen_, 0, [&](const sweep::Item& item, const sweep::Item& other, double shared) {
        if (!(other.box.bottom > item.box.bottom)) return;
        double& cover = tracks_[item.index].cover;
        cover = std::max(cover, shared / item.area);
      });
}

/// Give high scores to known tracks; who is lost is looked for farther around, and where it was.
void CoverTracker::associate_high(const DetectionView& detections) {
  const double limit = parameters_.match_thresh;
  pairs_.clear();
  find_pairs(seen_, high_, limit, &CoverTracker::high_cost, detections);
  select(lost_, [](const Row& row) { return row.status == Status::kLost; });
  for (auto& item : lost_) item.box = reach(tracks_[item.index]);
  wide_ = high_;
  for (auto& item : wide_) item.box = enlarge(item.box, parameters_.lost_margin);
  sweep::resort(lost_);
  sweep::resort(wide_);
  find_pairs(lost_, wide_, limit, &CoverTracker::high_cost, detections);
  assign(detections);
}

/// Give low scores to tracks seen a moment ago that no high score was found for.
void CoverTracker::associate_low(const DetectionView& detections, double dt) {
  select(known_, [&](const Row& row) { return waits_for_low_scores(row, dt); });
  pairs_.clear();
  find_pairs(known_, low_, parameters_.low_match_thresh, &CoverTracker::low_cost, detections);
  assign(detections);
}

/// Give new tracks their second detection.
void CoverTracker::associate_new(const DetectionView& detections) {
  select(known_, [](const Row& row) { return row.status == Status::kNew; });
  pairs_.clear();
  find_pairs(known_, high_, parameters_.new_match_thresh, &CoverTracker::new_cost, detections);
  assign(detections);
}

/// Give the box in which a detection, enlarged too, can be a lost track's.
Box CoverTracker::reach(const Row& row) const {
  const Box box = enlarge(row.box, parameters_.lost_margin);
  if (parameters_.last_box == 0) return box;
  return enclose(box, enlarge(row.last_box, parameters_.lost_margin));
}

/// Tell whether a track that no high score was found for may have a low one.
bool CoverTracker::waits_for_low_scores(const Row& row, double dt) const {
  if (row.last_time == time_ || row.status == Status::kNew) return false;
  const double lost_for = time_ - row.last_time - dt;
  return row.status == Status::kTracked || lost_for * pace_ <= parameters_.low_score_wait;
}

/// Add the pairs of tracks and candidate detections that may be matched.
void CoverTracker::find_pairs(const Items& tracks, const Items& candidates, double limit,
                              Cost cost_of, const DetectionView& detections) {
  sweep::for_each_meeting(
      tracks, candidates, 0,
      [&](const sweep::Item& track, const sweep::Item& detection, double) {
        const Row& row = tracks_[track.index];
        const std::int32_t index = detection.index;
        if (parameters_.class_aware && row.class_id != detections.class_id(index)) return;
        const double cost =
            (this->*cost_of)(row, detections.box(index), detections.score(index));
        if (cost < limit) pairs_.push_back({track.index, index, cost - limit});
      });
}

/// Choose among the pairs, and correct the tracks that are matched.
void CoverTracker::assign(const DetectionView& detections) {
  assignment_.solve(pairs_, tracks_.size(), detections.count);
  const auto given = [&](const auto& item) { return assignment_.track_of(item.index) >= 0; };
  sweep::remove_if(high_, given);
  for (const Pair& pair : pairs_) {
    if (assignment_.detection_of(pair.track) == pair.detection) {
      correct(tracks_[pair.track], detections, pair.detection);
    }
  }
}

double CoverTracker::high_cost(const Row& row, const Box& box, double score) const {
  const bool lost = row.status == Status::kLost;
  double overlap = lost ? wide_overlap(row.box, box) : iou(row.box, box);
  if (lost && parameters_.last_box > 0) {  // who is not seen may have stopped
    overlap = std::max(overlap, parameters_.last_box * wide_overlap(row.last_box, box));
  }
  overlap *= std::pow(height_iou(row.box, box), parameters_.height_power);
  if (!(overlap > 0)) return kForbidden;
  const double weight = lost ? parameters_.lost_distance_cost : parameters_.distance_cost;
  return fuse_score(1 - overlap, score) + weight * distance(row, box);
}

double CoverTracker::wide_overlap(const Box& box, const Box& found) const {
  const double margin = parameters_.lost_margin;
  return 1 - (1 - iou(enlarge(box, margin), enlarge(found, margin)));
}

double CoverTracker::low_cost(const Row& row, const Box& box, double) const {
  const double cost = 1 - iou(row.box, box);
  return cost < 1 ? cost + parameters_.low_distance_cost * distance(row, box) : kForbidden;
}

double CoverTracker::new_cost(const Row& row, const Box& box, double score) const {
  return fuse_score(1 - iou(row.box, box), score);
}

/// Compute the squared Mahalanobis distance, in tens.
double CoverTracker::distance(const Row& row, const Box& box) const {
  const double squared = xtwh::squared_distance(row.motion, box, noise_, error_share(row, 0));
  return std::min(squared / 10, kLargestDistance);
}

/// Say how much larger than usual the error of a track's detection is.
double CoverTracker::error_share(const Row& row, double score) const {
  return (1 - parameters_.score_trust * score) * (1 + parameters_.cover_error * row.cover);
}

/// Update a track by its detection; a lost or new one is tracked from here.
void CoverTracker::correct(Row& row, const DetectionView& detections,
                           std::int32_t detection) const {
  const Box box = detections.box(detection);
  const double score = detections.score(detection), share = error_share(row, score);
  // After a gap, and while its speed is unknown, a track is bound to be surprised.
  if (row.status == Status::kTracked && row.hits >= kSurpriseHits) {
    const double surprise = xtwh::surprise(row.motion, box, noise_, share);
    row.surprise += kSurpriseRate * (std::min(surprise, kLargestSurprise) - row.surprise);
  }
  xtwh::update(row.motion, box, noise_, share);
  row.box = row.to_box();
  row.belief += parameters_.belief_rate * (score - row.belief);
  row.last_box = box;
  ++row.hits;
  row.status = Status::kTracked;
  record(row, detections, detection);
}

/// Lose known tracks that were not found, drop new ones, number those that were confirmed.
void CoverTracker::settle() {
  for (Row& row : tracks_) {
    if (row.last_time != time_) {
      row.dropped = row.status == Status::kNew;
      row.status = Status::kLost;
    } else if (row.id == 0) {
      row.id = next_id_++;
    }
  }
  drop_marked();
}

void CoverTracker::start_tracks(const DetectionView& detections) {
  sweep::remove_if(high_, [&](const auto& item) {
    return detections.score(item.index) < parameters_.new_thresh;
  });
  taken_.assign(detections.count, false);
  sweep::for_each_overlap(
      seen_, high_, 0, [&](const sweep::Item& a, const sweep::Item& b, double overlap) {
        const std::int64_t class_id = detections.class_id(b.index);
        if (parameters_.class_aware && tracks_[a.index].class_id != class_id) return;
        if (overlap > parameters_.new_overlap) taken_[b.index] = true;
      });
  sweep::remove_if(high_, [&](const auto& item) { return taken_[item.index]; });
  std::sort(high_.begin(), high_.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
  for (const auto& item : high_) {
    Row& row = start(xtwh::initiate(item.box, noise_, pace_), detections, item.index);
    if (row.status == Status::kTracked) row.id = next_id_++;
    row.hits = 1;
    row.last_box = item.box;
    row.surprise = 1;
    row.belief = row.score;
    seen_.push_back(sweep::item(row.box, static_cast<std::int32_t>(tracks_.size()) - 1, 0));
  }
  sweep::resort(seen_);
}

void CoverTracker::drop_expired() {
  sweep::remove_if(lost_, [&](const auto& item) {
    Row& row = tracks_[item.index];
    row.dropped = time_ - row.last_time > longest_loss_;
    return row.dropped;
  });
}

/// Believe less in tracks that are not seen, the less of them is covered.
void CoverTracker::doubt(double dt) {
  const auto gone = [&](const auto& item) { return tracks_[item.index].dropped; };
  sweep::remove_if(lost_, gone);
  sweep::remove_if(seen_, [&](const auto& item) {
    return gone(item) || tracks_[item.index].status == Status::kNew;
  });
  find_cover(lost_);
  for (const auto& item : lost_) {
    Row& row = tracks_[item.index];
    const double open = parameters_.open_belief, covered = parameters_.covered_belief;
    const double kept = open + (covered - open) * row.cover;
    row.belief *= std::pow(kept, dt * pace_);
  }
}

/// Tell whether an unseen track is to be put out.
bool CoverTracker::is_believed(const Row& row) const {
  return static_cast<double>(row.hits) >= parameters_.unseen_hits &&
         row.belief >= parameters_.least_belief &&
         time_ - row.last_time <= longest_unseen_ &&
         (!parameters_.image_width ||
          share_inside(row.box, *parameters_.image_width) >= kLeastInside);
}

/// Put out who is seen, and who is believed to be hidden.
void CoverTracker::report(const DetectionView& detections) {
  for (const Row& row : tracks_) {
    if (row.status == Status::kTracked) {
      const Box box = blend(row.box, detections.box(row.detection));
      output_.push_back({row.id, box, row.score, row.class_id, row.detection});
    } else if (row.status == Status::kLost && is_believed(row)) {
      output_.push_back({row.id, row.box, row.belief, row.class_id, -1});
    }
  }
}

/// Give the box between the filter's and the one detected.
Box CoverTracker::blend(const Box& filtered, const Box& found) const {
  const double place = parameters_.place_share, size = parameters_.size_share;
  const auto between = [](double share, double a, double b) { return (1 - share) * a + share * b; };
  const double x = (between(place, filtered.left, found.left) +
                    between(place, filtered.right, found.right)) / 2;
  const double y = (between(place, filtered.top, found.top) +
                    between(place, filtered.bottom, found.bottom)) / 2;
  const double half_width = (between(size, filtered.right, found.right) -
                             between(size, filtered.left, found.left)) / 2;
  const double half_height = (between(size, filtered.bottom, found.bottom) -
                              between(size, filtered.top, found.top)) / 2;
  return {x - half_width, y - half_height, x + half_width, y + half_height};
}

}  // namespace bytetrack
