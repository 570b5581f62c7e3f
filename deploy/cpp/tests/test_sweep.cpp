#include "bytetrack/sweep.hpp"

#include <map>
#include <random>
#include <utility>
#include <vector>

#include "check.hpp"

using bytetrack::Box;
namespace sweep = bytetrack::sweep;

namespace {

using Overlaps = std::map<std::pair<int, int>, double>;

Overlaps swept(const std::vector<Box>& first, const std::vector<Box>& second, double pixel) {
  std::vector<sweep::Item> a, b;
  for (const Box& box : first) a.push_back(sweep::item(box, static_cast<int>(a.size()), pixel));
  for (const Box& box : second) b.push_back(sweep::item(box, static_cast<int>(b.size()), pixel));
  sweep::sort(a);
  sweep::sort(b);
  Overlaps found;
  sweep::for_each_overlap(a, b, pixel, [&](const auto& one, const auto& other, double overlap) {
    const bool first_time = found.insert({{one.index, other.index}, overlap}).second;
    CHECK(first_time);
  });
  return found;
}

Overlaps all_pairs(const std::vector<Box>& first, const std::vector<Box>& second, double pixel) {
  Overlaps found;
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (std::size_t j = 0; j < second.size(); ++j) {
      const auto a = sweep::item(first[i], 0, pixel), b = sweep::item(second[j], 0, pixel);
      const double shared = sweep::intersection(a, b, pixel);
      if (shared > 0) {
        found[{static_cast<int>(i), static_cast<int>(j)}] = shared / (a.area + b.area - shared);
      }
    }
  }
  return found;
}

}  // namespace

TEST(by_hand) {
  const auto found = swept({{0, 0, 10, 10}}, {{5, 0, 15, 10}, {10, 0, 20, 10}, {0, 0, 10, 10}}, 0);
  CHECK(found.size() == 2);
  CHECK_NEAR(found.at({0, 0}), 1.0 / 3);
  CHECK_NEAR(found.at({0, 2}), 1);
}

TEST(pixels_with_both_borders_touch) {
  // 4 pixels each, 1 of them shared.
  CHECK_NEAR(swept({{0, 0, 3, 0}}, {{3, 0, 6, 0}}, 1).at({0, 0}), 1.0 / 7);
  CHECK(swept({{0, 0, 3, 0}}, {{3, 0, 6, 0}}, 0).empty());
}

TEST(boxes_without_area_overlap_nothing) {
  CHECK(swept({{0, 0, 10, 10}}, {{5, 5, 5, 5}, {5, 0, 5, 10}}, 0).empty());
}

TEST(a_box_turned_inside_out_overlaps_nothing) {
  CHECK(swept({{10, 10, 0, 0}}, {{0, 0, 10, 10}}, 0).empty());
}

TEST(equals_all_pairs) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    // Whole numbers, so that edges often coincide.
    const auto boxes = [&] {
      std::vector<Box> made(random() % 30);
      for (Box& box : made) {
        box.left = static_cast<double>(random() % 40);
        box.top = static_cast<double>(random() % 40);
        box.right = box.left + static_cast<double>(random() % 20);
        box.bottom = box.top + static_cast<double>(random() % 20);
      }
      return made;
    };
    const auto first = boxes(), second = boxes();
    for (const double pixel : {0.0, 1.0}) {
      CHECK(swept(first, second, pixel) == all_pairs(first, second, pixel));
    }
  }
}

TEST(sorting_anew_is_sorting) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    // From all but in order to not at all, with ties.
    std::vector<sweep::Item> items(random() % 100);
    const std::size_t disorder = 1 + random() % 100;
    for (std::size_t k = 0; k < items.size(); ++k) {
      const auto left = static_cast<double>((k + random() % disorder) / 2);
      items[k] = sweep::item({left, 0, left + 1, 1}, static_cast<int>(random() % 1000), 0);
    }
    auto expected = items;
    sweep::sort(expected);
    sweep::resort(items);
    for (std::size_t k = 0; k < items.size(); ++k) {
      CHECK(items[k].box.left == expected[k].box.left && items[k].index == expected[k].index);
    }
  }
}
