// One engine, inputs of several sizes after each other. Built and run by test_tensorrt_cpp.py.

#include <bytetrack/input_error.hpp>

#include "check.hpp"
#include "tensorrt_network.hpp"

namespace {

using bytetrack::Size;

const std::string kEngine = "dynamic.engine";

void check_run(bytetrack::Network& network, Size size, std::size_t places) {
  const std::vector<float> input(3 * static_cast<std::size_t>(size.height * size.width), 7.0F);
  const bytetrack::NetworkOutput output = network.run(input.data(), size);
  CHECK(output.count == places);
  CHECK(output.columns == 6);
  CHECK(output.rows[0] == 7.0F);
  CHECK(output.rows[6 * places - 1] == 0.0F);
  CHECK(output.embedding_dim == 8);
  const std::size_t last = places - 1;
  CHECK(output.embeddings[8 * last + last % 8] == 3.0F);
}

}  // namespace

TEST(it_takes_any_size) {
  const auto network = bytetrack::open_tensorrt_network(kEngine);
  CHECK(network->takes_any_size());
  check_run(*network, {64, 96}, 126);
  check_run(*network, {128, 256}, 672);
  check_run(*network, {128, 256}, 672);
  check_run(*network, {32, 64}, 42);
  check_run(*network, {64, 96}, 126);
}

TEST(a_wrong_size_changes_nothing) {
  const auto network = bytetrack::open_tensorrt_network(kEngine);
  check_run(*network, {64, 96}, 126);
  const std::vector<float> input(3 * 256 * 256);
  for (int again = 0; again < 2; ++again) {
    CHECK_THROWS(bytetrack::InputError,
                 kEngine + ": was built for 1 × 3 × 32 × 64 to 1 × 3 × 128 × 256, not for 1 × 3 × "
                 "256 × 256; give another --tsize, or build it anew with tools/trt.py, on this "
                 "machine",
                 network->run(input.data(), {256, 256}));
  }
  CHECK_THROWS(bytetrack::InputError, "input is 64 × 90; give multiples of 32",
               network->run(input.data(), {64, 90}));
  check_run(*network, {64, 96}, 126);
}
