#include "bytetrack/yolox_output.hpp"

#include <limits>
#include <vector>

#include "bytetrack/input_error.hpp"
#include "check.hpp"

using bytetrack::InputError;
using bytetrack::Letterbox;
namespace yolox = bytetrack::yolox;

namespace {

const Letterbox kSame{{64, 64}, 1};

yolox::Layout layout(bool decoded, int classes = 2, int embedding = 0) {
  return {{64, 64}, classes, embedding, decoded};
}

std::vector<float> empty_output(const yolox::Layout& layout) {
  return std::vector<float>(layout.rows() * layout.columns(), 0);
}

void set(std::vector<float>& output, const yolox::Layout& layout, std::size_t row,
         const std::vector<float>& values) {
  std::copy(values.begin(), values.end(),
            output.begin() + static_cast<std::ptrdiff_t>(row * layout.columns()));
}

}  // namespace

TEST(rows_are_the_places_of_three_maps) {
  CHECK(layout(true).rows() == 64 + 16 + 4);
  CHECK(layout(true, 2, 128).columns() == 135);
}

TEST(raw_boxes_are_decoded_by_their_place) {
  const auto raw = layout(false);
  auto output = empty_output(raw);
  // Of the map of stride 16: row 1, column 2. exp(0) is one stride.
  set(output, raw, 64 + 4 + 2, {0.5F, 0.25F, 0, 0, 0.9F, 0.1F, 0.8F});
  const auto found = yolox::read(output.data(), raw, kSame);
  CHECK(found.detections.size() == 1);
  const auto& [box, score, class_id] = found.detections[0];
  CHECK_NEAR(box.left, 40 - 8);
  CHECK_NEAR(box.top, 20 - 8);
  CHECK_NEAR(box.right, 40 + 8);
  CHECK_NEAR(box.bottom, 20 + 8);
  CHECK(std::abs(score - 0.72) < 1e-6 && class_id == 1);
}

TEST(decoded_boxes_are_taken_and_brought_to_the_image) {
  const auto decoded = layout(true);
  auto output = empty_output(decoded);
  set(output, decoded, 3, {20, 30, 8, 16, 1, 1, 0});
  const auto found = yolox::read(output.data(), decoded, {{64, 64}, 0.5});
  CHECK(found.detections[0].box.left == 32 && found.detections[0].box.bottom == 76);
}

TEST(embeddings_follow_their_box_and_have_unit_length) {
  const auto reid = layout(true, 1, 2);
  auto output = empty_output(reid);
  set(output, reid, 0, {10, 10, 8, 8, 0.5F, 1, 0, 2});
  set(output, reid, 1, {40, 40, 8, 8, 0.9F, 1, 3, 4});
  const auto found = yolox::read(output.data(), reid, kSame);
  CHECK(found.detections.size() == 2 && found.embeddings.size() == 4);
  CHECK(std::abs(found.embeddings[0] - 0.6F) < 1e-6 && std::abs(found.embeddings[1] - 0.8F) < 1e-6);
  CHECK(found.embeddings[2] == 0 && found.embeddings[3] == 1);
}

TEST(the_better_of_two_in_one_place_stays) {
  const auto decoded = layout(true);
  auto output = empty_output(decoded);
  set(output, decoded, 0, {20, 20, 10, 10, 0.8F, 1, 0});
  set(output, decoded, 1, {20.5F, 20, 10, 10, 0.9F, 1, 0});  // overlap 0.905
  set(output, decoded, 2, {20, 20, 10, 10, 0.7F, 0, 1});     // another class
  set(output, decoded, 4, {25, 20, 10, 10, 0.6F, 1, 0});     // overlap 1 / 3 and 0.38
  const auto found = yolox::read(output.data(), decoded, kSame);
  std::vector<double> scores;
  for (const auto& one : found.detections) scores.push_back(one.score);
  CHECK(scores.size() == 3);
  CHECK(std::abs(scores[0] - 0.9) < 1e-6 && std::abs(scores[2] - 0.6) < 1e-6);
  CHECK(yolox::read(output.data(), decoded, kSame, {0.65F, 0.95F}).detections.size() == 3);
  CHECK(yolox::read(output.data(), decoded, kSame, {0.01F, 0.35F}).detections.size() == 2);
}

TEST(boxes_beyond_any_image_are_none) {
  const auto raw = layout(false, 1);
  auto output = empty_output(raw);
  set(output, raw, 0, {0, 0, 100, 0, 1, 1});
  set(output, raw, 1, {std::numeric_limits<float>::quiet_NaN(), 0, 0, 0, 1, 1});
  set(output, raw, 2, {0, 0, 0, 0, std::numeric_limits<float>::quiet_NaN(), 1});
  CHECK(yolox::read(output.data(), raw, kSame).detections.empty());
}

TEST(what_makes_no_sense_is_named) {
  const float nothing[1] = {};
  auto wrong = layout(true);
  wrong.input = {60, 64};
  CHECK_THROWS(InputError, "input is 60 × 64; give multiples of 32",
               yolox::read(nothing, wrong, kSame));
  CHECK_THROWS(InputError, "classes is 0; give at least 1",
               yolox::read(nothing, layout(true, 0), kSame));
  CHECK_THROWS(InputError, "embedding is -1; give the number of its columns, 0 for none",
               yolox::read(nothing, layout(true, 1, -1), kSame));
  CHECK_THROWS(InputError, "thresholds are 2.000000 and 0.700000; give numbers from 0 to 1",
               yolox::read(nothing, layout(true), kSame, {2, 0.7F}));
}
