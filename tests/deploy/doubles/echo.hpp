#pragma once

#include <algorithm>
#include <cstddef>

// What the networks of the doubles compute, so that a test can tell by hand what has to come out.
namespace echo {

inline std::size_t places(int height, int width) {
  std::size_t count = 0;
  for (int stride : {8, 16, 32}) {
    count += static_cast<std::size_t>(height / stride) * static_cast<std::size_t>(width / stride);
  }
  return count;
}

/// The first row: a box of the first number of each channel and the last of all, with an
/// objectness of 0.9 and class 0. The others: nothing.
inline void fill_rows(const float* red, const float* green, const float* blue, std::size_t plane,
                      float* rows, std::size_t count, std::size_t columns) {
  std::fill(rows, rows + count * columns, 0.0F);
  const float first[] = {red[0], green[0], blue[0], blue[plane - 1], 0.9F, 1.0F};
  std::copy(first, first + std::min<std::size_t>(6, columns), rows);
}

/// Embedding k is 3 at k, and 4 at k + 1.
inline void fill_embeddings(float* embeddings, std::size_t count, std::size_t columns) {
  std::fill(embeddings, embeddings + count * columns, 0.0F);
  for (std::size_t k = 0; k < count; ++k) {
    embeddings[k * columns + k % columns] = 3.0F;
    embeddings[k * columns + (k + 1) % columns] = 4.0F;
  }
}

}  // namespace echo
