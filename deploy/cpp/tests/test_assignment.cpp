#include "bytetrack/assignment.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "check.hpp"

using bytetrack::Assignment;
using bytetrack::Pair;

namespace {

/// The least total cost, by trying everything.
double brute_force(const std::vector<std::vector<double>>& costs, std::size_t track,
                   std::vector<bool>& taken) {
  if (track == costs.size()) return 0;
  double least = brute_force(costs, track + 1, taken);
  for (std::size_t detection = 0; detection < taken.size(); ++detection) {
    if (taken[detection] || costs[track][detection] >= 0) continue;
    taken[detection] = true;
    least = std::min(least, costs[track][detection] + brute_force(costs, track + 1, taken));
    taken[detection] = false;
  }
  return least;
}

}  // namespace

TEST(nothing_to_match) {
  Assignment assignment;
  assignment.solve({}, 2, 3);
  CHECK(assignment.detection_of(0) == -1 && assignment.detection_of(1) == -1);
  CHECK(assignment.track_of(2) == -1);
}

TEST(the_cheaper_sum_wins_over_the_cheapest_pair) {
  Assignment assignment;
  assignment.solve({{0, 0, -0.9}, {0, 1, -0.8}, {1, 0, -0.8}}, 2, 2);
  CHECK(assignment.detection_of(0) == 1 && assignment.detection_of(1) == 0);
}

TEST(a_track_is_left_alone_for_a_better_one) {
  Assignment assignment;
  assignment.solve({{0, 0, -0.1}, {1, 0, -0.2}}, 2, 1);
  CHECK(assignment.detection_of(0) == -1 && assignment.detection_of(1) == 0);
  CHECK(assignment.track_of(0) == 1);
}

TEST(a_chain_is_shifted_from_end_to_end) {
  Assignment assignment;
  assignment.solve({{0, 0, -0.5}, {0, 1, -0.4}, {1, 1, -0.5}, {1, 2, -0.4}, {2, 0, -0.5}}, 3, 3);
  CHECK(assignment.detection_of(0) == 1);
  CHECK(assignment.detection_of(1) == 2);
  CHECK(assignment.detection_of(2) == 0);
}

TEST(equals_brute_force) {
  std::mt19937 random(0);
  std::uniform_real_distribution<double> share(0, 1);
  Assignment assignment;  // one for all: nothing may be left over from the last call
  for (int round = 0; round < 3000; ++round) {
    const std::size_t tracks = random() % 6, detections = random() % 6;
    const double density = share(random);
    std::vector<std::vector<double>> costs(tracks, std::vector<double>(detections, 0));
    std::vector<Pair> pairs;
    for (std::size_t track = 0; track < tracks; ++track) {
      for (std::size_t detection = 0; detection < detections; ++detection) {
        if (share(random) >= density) continue;
        costs[track][detection] = -share(random) - 1e-3;
        pairs.push_back({static_cast<std::int32_t>(track), static_cast<std::int32_t>(detection),
                         costs[track][detection]});
      }
    }
    std::shuffle(pairs.begin(), pairs.end(), random);
    assignment.solve(pairs, tracks, detections);
    double total = 0;
    for (std::size_t track = 0; track < tracks; ++track) {
      const auto detection = assignment.detection_of(track);
      if (detection < 0) continue;
      CHECK(assignment.track_of(detection) == static_cast<std::int32_t>(track));
      CHECK(costs[track][detection] < 0);
      total += costs[track][detection];
    }
    std::vector<bool> taken(detections, false);
    CHECK_NEAR(total, brute_force(costs, 0, taken));
  }
}
