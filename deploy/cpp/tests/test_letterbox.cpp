#include "bytetrack/letterbox.hpp"

#include "bytetrack/input_error.hpp"
#include "check.hpp"

TEST(the_narrower_side_decides) {
  const auto wide = bytetrack::fit({1080, 1920}, {800, 1440});
  CHECK_NEAR(wide.scale, 800.0 / 1080);
  CHECK(wide.scaled.height == 800 && wide.scaled.width == 1422);
  const auto tall = bytetrack::fit({1920, 1080}, {800, 1440});
  CHECK(tall.scaled.height == 800 && tall.scaled.width == 450);
}

TEST(a_sliver_keeps_a_pixel) {
  CHECK(bytetrack::fit({1, 10000}, {32, 32}).scaled.height == 1);
}

TEST(boxes_come_back) {
  const auto box = bytetrack::fit({100, 200}, {50, 100}).to_image({10, 20, 30, 40});
  CHECK(box.left == 20 && box.top == 40 && box.right == 60 && box.bottom == 80);
}

TEST(a_size_that_is_none_is_named) {
  CHECK_THROWS(bytetrack::InputError,
               "image is 0 × 10; give a height and a width of at least 1",
               bytetrack::fit({0, 10}, {32, 32}));
  CHECK_THROWS(bytetrack::InputError,
               "input is 32 × -1; give a height and a width of at least 1",
               bytetrack::fit({10, 10}, {32, -1}));
}
