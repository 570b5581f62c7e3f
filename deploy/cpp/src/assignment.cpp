#include "bytetrack/assignment.hpp"

#include <limits>
#include <utility>

namespace bytetrack {
namespace {

constexpr std::int32_t kNone = -1;
constexpr double kUnreached = std::numeric_limits<double>::infinity();
// Rounding could otherwise find a way to a settled detection that is shorter by a hair.
constexpr double kFinal = -std::numeric_limits<double>::infinity();

}  // namespace

void Assignment::solve(const std::vector<Pair>& pairs, std::size_t tracks,
                       std::size_t detections) {
  detection_of_.assign(tracks, kNone);
  track_of_.assign(detections, kNone);
  if (pairs.empty()) return;
  arrange(pairs, tracks);
  track_price_.assign(tracks, 0);
  detection_price_.assign(detections, 0);
  distance_.assign(detections, kUnreached);
  reached_from_.resize(detections);
  for (std::size_t track = 0; track < tracks; ++track) {
    if (begin_[track] < begin_[track + 1]) add(static_cast<std::int32_t>(track));
  }
}

/// Order the pairs by track.
void Assignment::arrange(const std::vector<Pair>& pairs, std::size_t tracks) {
  begin_.assign(tracks + 1, 0);
  for (const Pair& pair : pairs) ++begin_[pair.track];
  std::int32_t end = 0;
  for (std::int32_t& count : begin_) count = end += count;
  // From here on each is the end of a track's pairs, and moves to their beginning.
  pairs_.resize(pairs.size());
  for (const Pair& pair : pairs) pairs_[--begin_[pair.track]] = pair;
}

/// Bring one more track into the optimum: along the shortest path from it to a free detection, or
/// to a track that had better be left alone, which may be the new one itself.
void Assignment::add(std::int32_t track) {
  double shortest = 0;
  std::int32_t left_alone = track;
  std::int32_t end = kNone;
  relax(track, 0);
  while (!open_.empty()) {
    const Settled nearest = take_nearest();
    settled_.push_back(nearest);
    if (nearest.distance >= shortest) break;
    const std::int32_t owner = track_of_[nearest.detection];
    if (owner == kNone) {
      shortest = nearest.distance;
      end = nearest.detection;
      break;
    }
    if (nearest.distance - track_price_[owner] < shortest) {
      shortest = nearest.distance - track_price_[owner];
      left_alone = owner;
    }
    relax(owner, nearest.distance);
  }
  track_price_[track] = shortest;
  for (const auto& [detection, distance] : settled_) {
    if (distance < shortest) {
      detection_price_[detection] -= shortest - distance;
      track_price_[track_of_[detection]] += shortest - distance;
    }
    distance_[detection] = kUnreached;
  }
  for (const std::int32_t detection : open_) distance_[detection] = kUnreached;
  settled_.clear();
  open_.clear();
  if (end == kNone && left_alone != track) {
    end = detection_of_[left_alone];
    detection_of_[left_alone] = kNone;
  }
  if (end != kNone) give(end, track);
}

/// Reach the detections that may be matched with a track at that distance.
void Assignment::relax(std::int32_t track, double distance) {
  for (std::int32_t at = begin_[track]; at < begin_[track + 1]; ++at) {
    const auto& [_, detection, cost] = pairs_[at];
    const double length = distance + (cost - track_price_[track] - detection_price_[detection]);
    if (length >= distance_[detection]) continue;
    if (distance_[detection] == kUnreached) open_.push_back(detection);
    distance_[detection] = length;
    reached_from_[detection] = track;
  }
}

Assignment::Settled Assignment::take_nearest() {
  std::size_t nearest = 0;
  for (std::size_t at = 1; at < open_.size(); ++at) {
    if (distance_[open_[at]] < distance_[open_[nearest]]) nearest = at;
  }
  const std::int32_t detection = open_[nearest];
  open_[nearest] = open_.back();
  open_.pop_back();
  const double distance = distance_[detection];
  distance_[detection] = kFinal;
  return {detection, distance};
}

/// Give a detection to the track before it on the path, whose own goes to the one before that.
void Assignment::give(std::int32_t detection, std::int32_t newcomer) {
  std::int32_t track;
  do {
    track = reached_from_[detection];
    track_of_[detection] = track;
    std::swap(detection, detection_of_[track]);
  } while (track != newcomer);
}

}  // namespace bytetrack
