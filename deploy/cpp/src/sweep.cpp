#include "bytetrack/sweep.hpp"

namespace bytetrack::sweep {

Item item(const Box& box, std::int32_t index, double pixel) {
  const double width = box.right - box.left + pixel;
  const double height = box.bottom - box.top + pixel;
  return {box, width * height, index};
}

void sort(std::vector<Item>& items) {
  // By index at a tie, so that the order is the same on every platform.
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.box.left < b.box.left || (a.box.left == b.box.left && a.index < b.index);
  });
}

}  // namespace bytetrack::sweep
