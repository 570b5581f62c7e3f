#include "bytetrack/network.hpp"

#include <vector>

#include "bytetrack/input_error.hpp"
#include "bytetrack/yolox_output.hpp"
#include "check.hpp"

using bytetrack::InputError;
using bytetrack::NetworkOutput;

namespace {

struct Canned : bytetrack::Network {
  bytetrack::NetworkMetadata known;
  bool any_size = false;

  const bytetrack::NetworkMetadata& metadata() const override { return known; }
  bool takes_any_size() const override { return any_size; }
  NetworkOutput run(const float*, bytetrack::Size) override { return {}; }
};

Canned canned() {
  Canned network;
  network.known.input_size = {64, 64};
  network.known.embedding_dim = 2;
  return network;
}

constexpr std::size_t kCount = 64 + 16 + 4;

}  // namespace

TEST(sizes_are_checked) {
  Canned network = canned();
  bytetrack::check_size(network, {64, 64}, "a.onnx");
  CHECK_THROWS(InputError,
               "a.onnx: was exported for 64 × 64, not 64 × 96; leave --tsize out, or export it "
               "anew",
               bytetrack::check_size(network, {64, 96}, "a.onnx"));
  network.any_size = true;
  bytetrack::check_size(network, {64, 96}, "a.onnx");
  CHECK_THROWS(InputError, "input is 64 × 90; give multiples of 32",
               bytetrack::check_size(network, {64, 90}, "a.onnx"));
}

TEST(outputs_are_checked) {
  auto metadata = canned().known;
  const float numbers[1] = {};
  const auto check = [&](const NetworkOutput& output) {
    bytetrack::check_output(output, metadata, {64, 64}, "a.onnx");
  };
  const auto refused = [&](const NetworkOutput& output, const std::string& said) {
    CHECK_THROWS(InputError, "a.onnx: puts out " + said + ": export it anew", check(output));
  };
  const std::string meant = "; by its metadata it is 84 × 5 + classes and 2";
  check({numbers, kCount, 8, numbers, 2});
  refused({numbers, 80, 8, numbers, 2}, "80 × 8 and embeddings of 2 numbers" + meant);
  refused({numbers, kCount, 5, numbers, 2}, "84 × 5 and embeddings of 2 numbers" + meant);
  refused({numbers, kCount, 8, nullptr, 0}, "84 × 8 and embeddings of 0 numbers" + meant);
  metadata.class_names = {"person"};
  check({numbers, kCount, 6, numbers, 2});
  refused({numbers, kCount, 8, numbers, 2},
          "84 × 8 and embeddings of 2 numbers; by its metadata it is 84 × 6 and 2");
}

TEST(embeddings_of_their_own_follow_their_box) {
  auto metadata = canned().known;
  std::vector<float> rows(kCount * 6), embeddings(kCount * 2);
  const float box[] = {20, 30, 8, 16, 0.5F, 1};
  std::copy(box, box + 6, rows.begin() + 3 * 6);
  embeddings[3 * 2] = 3;
  embeddings[3 * 2 + 1] = 4;
  const NetworkOutput output{rows.data(), kCount, 6, embeddings.data(), 2};
  const auto found = bytetrack::yolox::read(output, metadata, {64, 64}, {{64, 64}, 0.5});
  CHECK(found.detections.size() == 1 && found.detections[0].box.left == 32);
  CHECK(std::abs(found.embeddings[0] - 0.6F) < 1e-6 && std::abs(found.embeddings[1] - 0.8F) < 1e-6);
  metadata.boxes = bytetrack::Boxes::kRaw;
  const auto raw = bytetrack::yolox::read(output, metadata, {64, 64}, {{64, 64}, 1}, {0.6F, 0.7F});
  CHECK(raw.detections.empty());
}
