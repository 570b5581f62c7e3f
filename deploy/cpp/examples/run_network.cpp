#include "run_network.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <vector>

#include "bytetrack/input_error.hpp"

namespace bytetrack {
namespace {

constexpr int kLargest = 1'000'000;

int parse_whole(const std::string& text, const char* name) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 1 || value > kLargest) {
    throw InputError(std::string(name) + " is '" + text + "'; give a whole number from 1");
  }
  return value;
}

std::vector<float> read_numbers(const std::string& path, std::size_t count) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw InputError(path + ": cannot be read");
  const auto bytes = static_cast<std::size_t>(file.tellg());
  if (bytes != count * sizeof(float)) {
    throw InputError(path + ": has " + std::to_string(bytes) + " bytes, not the " +
                     std::to_string(count * sizeof(float)) + " of 3 × height × width float32");
  }
  std::vector<float> numbers(count);
  file.seekg(0);
  file.read(reinterpret_cast<char*>(numbers.data()), static_cast<std::streamsize>(bytes));
  return numbers;
}

void write_numbers(const std::string& path, const float* numbers, std::size_t count) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(numbers),
             static_cast<std::streamsize>(count * sizeof(float)));
  file.close();
  if (!file) throw InputError(path + ": cannot be written");
}

void run(const std::vector<std::string>& words, const OpenNetwork& open) {
  if (words.size() < 5 || words.size() > 6) {
    throw InputError("give NETWORK INPUT HEIGHT WIDTH OUTPUT [RUNS]");
  }
  const std::string &path = words[0], &output_path = words[4];
  const Size size{parse_whole(words[2], "HEIGHT"), parse_whole(words[3], "WIDTH")};
  const int runs = words.size() == 6 ? parse_whole(words[5], "RUNS") : 0;

  const auto network = open(path);
  check_size(*network, size, path);
  const auto pixels = static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
  const std::vector<float> input = read_numbers(words[1], 3 * pixels);
  NetworkOutput output = network->run(input.data(), size);
  if (runs) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    for (int k = 0; k < runs; ++k) output = network->run(input.data(), size);
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    std::printf("%.3f ms a run\n", took.count() / runs);
  }
  write_numbers(output_path, output.rows, output.count * output.columns);
  if (output.embeddings) {
    write_numbers(output_path + ".embeddings", output.embeddings,
                  output.count * output.embedding_dim);
  }
  std::printf("%zu rows of %zu numbers, embeddings of %zu\n", output.count, output.columns,
              output.embedding_dim);
}

}  // namespace

int run_network(int count, const char* const* words, const OpenNetwork& open) {
  try {
    run({words + 1, words + count}, open);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
  return 0;
}

}  // namespace bytetrack
