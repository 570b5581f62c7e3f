#include "bytetrack/box_camera.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bytetrack {
namespace {

// Fewer pairs say too little.
constexpr std::size_t kLeastPairs = 3;

// Largest costs of a pair, at first and once the shift is about right.
constexpr double kPairLimits[] = {0.9, 0.6};

// Where the boxes overlap so much without a shift, in the mean, none is tried first; elsewhere one
// with which they overlap so much better.
constexpr double kStill = 0.5, kClearly = 1.2;

// The vote: shares of the median height that a cell of it is wide, and that it reaches to the sides
// and up or down; and the most by which two heights differ that may be of one person.
constexpr double kCell = 0.2, kReachX = 2, kReachY = 1, kLikeHeight = 1.25;
constexpr int kCellsX = 21, kCellsY = 11;

// Keeps a cell from having no width.
constexpr double kLeastHeight = 1e-3;

// A normal distribution's deviation is so many times its median absolute deviation.
constexpr double kDeviation = 1.48;

double height(const sweep::Item& item) { return item.box.bottom - item.box.top; }

Shift centre(const sweep::Item& item) {
  return {(item.box.left + item.box.right) / 2, (item.box.top + item.box.bottom) / 2};
}

/// Compute the median; the values are left in another order.
double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

/// Renumber items by their place.
void copy(const std::vector<sweep::Item>& from, std::vector<sweep::Item>& to) {
  to = from;
  for (std::size_t place = 0; place < to.size(); ++place) {
    to[place].index = static_cast<std::int32_t>(place);
  }
}

/// Enlarge or shrink boxes to one size about their centres.
void resize(const std::vector<sweep::Item>& from, double half_width, double half_height,
            std::vector<sweep::Item>& to) {
  to.clear();
  for (const sweep::Item& item : from) {
    const auto [x, y] = centre(item);
    to.push_back(sweep::item({x - half_width, y - half_height, x + half_width, y + half_height},
                             item.index, 0));
  }
  sweep::resort(to);
}

struct Cell {
  int x, y;
};

/// Counts ways by where they lead.
class Votes {
 public:
  explicit Votes(double size) : size_(size) {}

  Cell cell_of(const Shift& way) const {
    return {static_cast<int>(std::floor(way.x / size_ + 0.5)) + kCellsX / 2,
            static_cast<int>(std::floor(way.y / size_ + 0.5)) + kCellsY / 2};
  }

  void add(const Shift& way) {
    const Cell cell = cell_of(way);
    ++count_[cell.x + 1][cell.y + 1];
  }

  /// Give the first cell that has the most votes, and how many: its own and its neighbours'.
  std::pair<Cell, int> fullest() const {
    std::pair<Cell, int> best{{0, 0}, 0};
    for (int x = 0; x < kCellsX; ++x) {
      for (int y = 0; y < kCellsY; ++y) {
        int votes = 0;
        for (int u = x; u < x + 3; ++u) {
          for (int v = y; v < y + 3; ++v) votes += count_[u][v];
        }
        if (votes > best.second) best = {{x, y}, votes};
      }
    }
    return best;
  }

 private:
  double size_;
  int count_[kCellsX + 2][kCellsY + 2] = {};  // with a border of empty ones
};

}  // namespace

Shift BoxCamera::estimate(const std::vector<sweep::Item>& predicted,
                          const std::vector<sweep::Item>& found, const Shift& previous) {
  if (predicted.size() < kLeastPairs || found.size() < kLeastPairs) return {};
  copy(predicted, predicted_);
  copy(found, found_);
  Shift shift = first_guess(previous);
  for (const double limit : kPairLimits) {
    pair(shift, limit);
    if (ways_.size() < kLeastPairs) return {};
    shift = median_of(ways_);
  }
  return without_chance(shift);
}

Shift BoxCamera::common_velocity(const std::vector<Shift>& velocities) {
  return velocities.size() < kLeastPairs ? Shift{} : median_of(velocities);
}

/// Compute the median of either coordinate.
Shift BoxCamera::median_of(const std::vector<Shift>& ways) {
  values_.clear();
  for (const Shift& way : ways) values_.push_back(way.x);
  const double x = median(values_);
  values_.clear();
  for (const Shift& way : ways) values_.push_back(way.y);
  return {x, median(values_)};
}

/// Shrink a shift by what of it may be chance (James and Stein).
Shift BoxCamera::without_chance(const Shift& shift) {
  for (Shift& way : ways_) way = {std::abs(way.x - shift.x), std::abs(way.y - shift.y)};
  const Shift median = median_of(ways_);
  const double x = kDeviation * median.x, y = kDeviation * median.y;
  const double chance = (x * x + y * y) / static_cast<double>(ways_.size());
  const double length = shift.x * shift.x + shift.y * shift.y;
  const double share = length > 0 ? std::max(1 - chance / length, 0.0) : 0;
  return {share * shift.x, share * shift.y};
}

/// Choose the shift to begin with: none, the last one, or the one that most pairs agree on.
Shift BoxCamera::first_guess(const Shift& previous) {
  Shift best;
  const double still = fit({});
  if (still > kStill * static_cast<double>(predicted_.size())) return best;
  double most = kClearly * still;
  for (const Shift& shift : {previous, vote()}) {
    if (shift.x == 0 && shift.y == 0) continue;
    const double overlap = fit(shift);
    if (overlap <= most) continue;
    best = shift;
    most = overlap;
  }
  return best;
}

/// Sum up how well each box is met by the detection that meets it best.
double BoxCamera::fit(const Shift& shift) {
  move(shift);
  best_.assign(moved_.size(), 0);
  sweep::for_each_overlap(
      moved_, found_, 0, [&](const sweep::Item& track, const sweep::Item&, double overlap) {
        best_[track.index] = std::max(best_[track.index], overlap);
      });
  double sum = 0;
  for (const double overlap : best_) sum += overlap;
  return sum;
}

/// Give the mean shift of the fullest 3 × 3 cells of all pairs of like height; 0 of too few.
Shift BoxCamera::vote() {
  values_.clear();
  for (const auto& item : predicted_) values_.push_back(height(item));
  const double scale = std::max(median(values_), kLeastHeight);
  find_ways(kReachX * scale, kReachY * scale);
  Votes votes(kCell * scale);
  for (const Shift& way : ways_) votes.add(way);
  const auto [winner, count] = votes.fullest();
  if (count < static_cast<int>(kLeastPairs)) return {};
  Shift sum;
  for (const Shift& way : ways_) {
    const Cell cell = votes.cell_of(way);
    if (std::abs(cell.x - winner.x) > 1 || std::abs(cell.y - winner.y) > 1) continue;
    sum.x += way.x;
    sum.y += way.y;
  }
  return {sum.x / count, sum.y / count};
}

/// Find the ways between all pairs of like height that are near each other.
void BoxCamera::find_ways(double reach_x, double reach_y) {
  // Boxes of half the reach, and a hair more, meet where the centres are within it.
  resize(predicted_, 0.501 * reach_x, 0.501 * reach_y, near_);
  resize(found_, 0.501 * reach_x, 0.501 * reach_y, near_found_);
  ways_.clear();
  sweep::for_each_meeting(
      near_, near_found_, 0, [&](const sweep::Item& a, const sweep::Item& b, double) {
        const sweep::Item &track = predicted_[a.index], &detection = found_[b.index];
        if (height(track) > kLikeHeight * height(detection)) return;
        if (height(detection) > kLikeHeight * height(track)) return;
        const Shift from = centre(track), to = centre(detection);
        const Shift way{to.x - from.x, to.y - from.y};
        if (std::abs(way.x) <= reach_x && std::abs(way.y) <= reach_y) ways_.push_back(way);
      });
}

/// Shift the predicted boxes.
void BoxCamera::move(const Shift& shift) {
  moved_.clear();
  for (const sweep::Item& item : predicted_) {
    const Box& box = item.box;
    moved_.push_back(sweep::item(
        {box.left + shift.x, box.top + shift.y, box.right + shift.x, box.bottom + shift.y},
        item.index, 0));
  }
}

/// Pair shifted boxes with detections; `ways_` has each pair's way from where it was predicted.
void BoxCamera::pair(const Shift& shift, double limit) {
  move(shift);
  pairs_.clear();
  sweep::for_each_overlap(
      moved_, found_, 0,
      [&](const sweep::Item& track, const sweep::Item& detection, double overlap) {
        const double cost = 1 - overlap;
        if (cost < limit) pairs_.push_back({track.index, detection.index, cost - limit});
      });
  assignment_.solve(pairs_, predicted_.size(), found_.size());
  ways_.clear();
  for (std::size_t track = 0; track < predicted_.size(); ++track) {
    const std::int32_t detection = assignment_.detection_of(track);
    if (detection < 0) continue;
    const Shift from = centre(predicted_[track]), to = centre(found_[detection]);
    ways_.push_back({to.x - from.x, to.y - from.y});
  }
}

}  // namespace bytetrack
