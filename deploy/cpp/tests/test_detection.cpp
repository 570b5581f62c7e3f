#include "bytetrack/detection.hpp"

#include <limits>
#include <vector>

#include "bytetrack/input_error.hpp"
#include "check.hpp"

using bytetrack::Detection;
using bytetrack::DetectionView;
using bytetrack::InputError;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void inspect(const std::vector<Detection>& detections) { DetectionView(detections).check(); }

}  // namespace

TEST(a_vector_is_viewed_where_it_lies) {
  const std::vector<Detection> made{{{1, 2, 3, 4}, 0.5, 6}, {{7, 8, 9, 10}, 0.75, 12}};
  const DetectionView view(made);
  CHECK(view.count == 2);
  CHECK(view.box(1).left == 7 && view.box(1).bottom == 10);
  CHECK(view.score(1) == 0.75 && view.class_id(1) == 12);
}

TEST(an_array_of_rows_is_viewed_where_it_lies) {
  const double rows[] = {1, 2, 3, 4, 0.5, 7, 8, 9, 10, 0.75};
  const DetectionView view(rows, 5, rows + 4, 5, nullptr, 0, 2);
  CHECK(view.box(1).top == 8 && view.score(1) == 0.75 && view.class_id(1) == 0);
}

TEST(what_is_right_passes) {
  inspect({});
  inspect({{{-5, -5, -5, -5}, 0, 0}, {{-1e7, 0, 1e7, 1e7}, 1, -1}});
}

TEST(what_is_wrong_is_named) {
  const Detection right{{0, 0, 1, 1}, 0.5, 0};
  CHECK_THROWS(InputError,
               "boxes[1] is [0, nan, 1, 1]; coordinates are finite pixels within ±1e+07",
               inspect({right, {{0, kNan, 1, 1}, 0.5, 0}}));
  CHECK_THROWS(InputError,
               "boxes[0] is [0, 0, 1, 20000000]; coordinates are finite pixels within ±1e+07",
               inspect({{{0, 0, 1, 2e7}, 0.5, 0}}));
  CHECK_THROWS(InputError,
               "boxes[0] is [2, 0, 1, 1]; x2 and y2 may not be smaller than x1 and y1; convert "
               "from x, y, w, h first",
               inspect({{{2, 0, 1, 1}, 0.5, 0}}));
  CHECK_THROWS(InputError, "scores[0] is 90; scores lie in [0, 1]: divide percentages by 100",
               inspect({{{0, 0, 1, 1}, 90, 0}}));
  CHECK_THROWS(InputError, "scores[0] is nan; scores lie in [0, 1]: divide percentages by 100",
               inspect({{{0, 0, 1, 1}, kNan, 0}}));
}
