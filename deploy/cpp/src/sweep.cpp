#include "bytetrack/sweep.hpp"

namespace bytetrack::sweep {
namespace {

// Beyond so many the order was not nearly right.
constexpr std::size_t kMovesPerItem = 8;

// By index at a tie, so that the order is the same on every platform.
bool before(const Item& a, const Item& b) {
  return a.box.left < b.box.left || (a.box.left == b.box.left && a.index < b.index);
}

}  // namespace

void sort(std::vector<Item>& items) { std::sort(items.begin(), items.end(), before); }

void resort(std::vector<Item>& items) {
  std::size_t moves = kMovesPerItem * items.size();
  for (std::size_t next = 1; next < items.size(); ++next) {
    if (!before(items[next], items[next - 1])) continue;
    const Item item = items[next];
    std::size_t place = next;
    for (; place > 0 && before(item, items[place - 1]) && moves > 0; --place, --moves) {
      items[place] = items[place - 1];
    }
    items[place] = item;
    if (moves == 0) return sort(items);
  }
}

}  // namespace bytetrack::sweep
