#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytetrack/box.hpp"

/// Which boxes of two sets overlap, found by sweeping over both from left to right, so that boxes
/// far apart are never compared.
namespace bytetrack::sweep {

/// A box that knows its place in its set.
struct Item {
  Box box;
  double area;
  std::int32_t index;
};

/// Make an item. `pixel` is added to each side: 0 is the geometric overlap, 1 counts pixels with
/// both borders inclusive, as the original ByteTrack does.
inline Item item(const Box& box, std::int32_t index, double pixel) {
  const double width = box.right - box.left + pixel;
  const double height = box.bottom - box.top + pixel;
  return {box, width * height, index};
}

/// Order by the left edge.
void sort(std::vector<Item>& items);

/// The same, and faster where the order is nearly right, as boxes move little between frames.
void resort(std::vector<Item>& items);

/// Leave out the items that meet a condition.
template <typename Condition>
void remove_if(std::vector<Item>& items, Condition condition) {
  items.erase(std::remove_if(items.begin(), items.end(), condition), items.end());
}

/// Lay rows out as they last stood from left to right, so that little is left to sort.
///
/// Args:
///   rows: Each has its `place`, below `places`.
///   by_place: Gets the index of the row at each place, −1 where it is gone.
template <typename Row>
void order_by_place(const std::vector<Row>& rows, std::int32_t places,
                    std::vector<std::int32_t>& by_place) {
  by_place.assign(static_cast<std::size_t>(places), -1);
  for (std::size_t index = 0; index < rows.size(); ++index) {
    by_place[static_cast<std::size_t>(rows[index].place)] = static_cast<std::int32_t>(index);
  }
}

/// Area that both share, 0 where they do not meet.
inline double intersection(const Item& a, const Item& b, double pixel) {
  const double height =
      std::min(a.box.bottom, b.box.bottom) - std::max(a.box.top, b.box.top) + pixel;
  if (height <= 0) return 0;
  const double width =
      std::min(a.box.right, b.box.right) - std::max(a.box.left, b.box.left) + pixel;
  return width <= 0 ? 0 : width * height;
}

/// Call `visit(a, b, shared)` for each pair that shares an area, which is given.
///
/// Args:
///   first, second: Ordered by `sort`; may be one and the same, and then a box meets itself too.
///   pixel: As for `item`.
template <typename Visit>
void for_each_meeting(const std::vector<Item>& first, const std::vector<Item>& second,
                      double pixel, Visit visit) {
  const auto compare = [&](const Item& a, const Item& b) {
    const double shared = intersection(a, b, pixel);
    if (shared > 0) visit(a, b, shared);
  };
  std::size_t i = 0, j = 0;
  // Of what is left the box that begins first meets all that begin before it ends, and no other.
  while (i < first.size() && j < second.size()) {
    if (first[i].box.left <= second[j].box.left) {
      const double end = first[i].box.right + pixel;
      for (std::size_t k = j; k < second.size() && second[k].box.left <= end; ++k) {
        compare(first[i], second[k]);
      }
      ++i;
    } else {
      const double end = second[j].box.right + pixel;
      for (std::size_t k = i; k < first.size() && first[k].box.left <= end; ++k) {
        compare(first[k], second[j]);
      }
      ++j;
    }
  }
}

/// Call `visit(a, b, overlap)` for each pair that overlaps; the overlap is intersection over union.
template <typename Visit>
void for_each_overlap(const std::vector<Item>& first, const std::vector<Item>& second,
                      double pixel, Visit visit) {
  for_each_meeting(first, second, pixel, [&](const Item& a, const Item& b, double shared) {
    visit(a, b, shared / (a.area + b.area - shared));
  });
}

}  // namespace bytetrack::sweep
