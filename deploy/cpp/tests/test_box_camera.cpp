#include "bytetrack/box_camera.hpp"

#include <vector>

#include "check.hpp"

using bytetrack::BoxCamera;
using bytetrack::Shift;
namespace sweep = bytetrack::sweep;

namespace {

using Items = std::vector<sweep::Item>;

/// People of 40 by 100 pixels, at uneven distances from each other.
Items people(int count, Shift shift = {}) {
  Items items;
  for (int k = 0; k < count; ++k) {
    const double left = 150.0 * k + 10 * k * k + shift.x, top = 100 + shift.y;
    items.push_back(sweep::item({left, top, left + 40, top + 100}, k, 0));
  }
  return items;
}

void check_shift(const Shift& found, double x, double y) {
  CHECK_NEAR(found.x, x);
  CHECK_NEAR(found.y, y);
}

}  // namespace

TEST(fewer_than_three_people_say_nothing) {
  BoxCamera camera;
  for (const int count : {0, 1, 2}) {
    check_shift(camera.estimate(people(count), people(count, {8, 4}), {}), 0, 0);
  }
  check_shift(camera.estimate(people(5), {}, {}), 0, 0);
}

TEST(a_camera_that_stands_still) {
  check_shift(BoxCamera().estimate(people(4), people(4), {}), 0, 0);
}

TEST(a_small_shift_is_found) {
  check_shift(BoxCamera().estimate(people(4), people(4, {8, -4}), {}), 8, -4);
}

TEST(a_shift_wider_than_people_is_found_by_the_vote) {
  check_shift(BoxCamera().estimate(people(5), people(5, {90, 20}), {}), 90, 20);
}

TEST(who_walks_another_way_does_not_move_the_camera) {
  auto found = people(5, {6, 0});
  found[2].box.left += 10;
  found[2].box.right += 10;
  check_shift(BoxCamera().estimate(people(5), found, {}), 6, 0);
}

TEST(a_shift_that_may_be_chance_is_not_believed) {
  auto found = people(4);
  const double ways[] = {-9, -3, 4, 10};  // the median is 0.5, their deviation 1.48 · 6.5
  for (int k = 0; k < 4; ++k) {
    found[k].box.left += ways[k];
    found[k].box.right += ways[k];
  }
  check_shift(BoxCamera().estimate(people(4), found, {}), 0, 0);
}

TEST(the_common_velocity_is_the_median) {
  BoxCamera camera;
  check_shift(camera.common_velocity({{1, 5}, {2, 7}}), 0, 0);
  check_shift(camera.common_velocity({{1, 5}, {9, 6}, {2, 7}, {4, -3}}), 3, 5.5);
}
