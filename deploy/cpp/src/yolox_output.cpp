#include "bytetrack/yolox_output.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "bytetrack/input_error.hpp"

namespace bytetrack::yolox {
namespace {

constexpr int kStrides[] = {8, 16, 32};
constexpr int kBoxAndObjectness = 5;

// In network pixels; an untrained network can say anything, and a box beyond any image is none.
constexpr float kLargestCorner = 1e5F;

void check(const Layout& layout, const Thresholds& thresholds) {
  const auto [height, width] = layout.input;
  if (height < 32 || width < 32 || height % 32 != 0 || width % 32 != 0) {
    throw InputError("input is " + std::to_string(height) + " × " + std::to_string(width) +
                     "; give multiples of 32");
  }
  if (layout.classes < 1) {
    throw InputError("classes is " + std::to_string(layout.classes) + "; give at least 1");
  }
  if (layout.embedding < 0) {
    throw InputError("embedding is " + std::to_string(layout.embedding) +
                     "; give the number of its columns, 0 for none");
  }
  const auto share = [](float value) { return value >= 0 && value <= 1; };
  if (!share(thresholds.score) || !share(thresholds.nms)) {
    throw InputError("thresholds are " + std::to_string(thresholds.score) + " and " +
                     std::to_string(thresholds.nms) + "; give numbers from 0 to 1");
  }
}

/// Turn the four numbers of a row into a box.
Candidate to_candidate(const float* row, bool decoded, int column, int line, int stride) {
  float x = row[0], y = row[1], width = row[2], height = row[3];
  if (!decoded) {
    const auto step = static_cast<float>(stride);
    x = (x + static_cast<float>(column)) * step;
    y = (y + static_cast<float>(line)) * step;
    width = std::exp(width) * step;
    height = std::exp(height) * step;
  }
  return {x - 0.5F * width, y - 0.5F * height, x + 0.5F * width, y + 0.5F * height, 0, 0, 0};
}

bool sane(const Candidate& box) {
  return std::abs(box.left) <= kLargestCorner && std::abs(box.top) <= kLargestCorner &&
         std::abs(box.right) <= kLargestCorner && std::abs(box.bottom) <= kLargestCorner;
}

float area(const Candidate& box) { return (box.right - box.left) * (box.bottom - box.top); }

float overlap(const Candidate& a, const Candidate& b) {
  const float width = std::max(std::min(a.right, b.right) - std::max(a.left, b.left), 0.0F);
  const float height = std::max(std::min(a.bottom, b.bottom) - std::max(a.top, b.top), 0.0F);
  const float shared = width * height;
  return shared / (area(a) + area(b) - shared);
}

/// Where the numbers of each place lie, and how far those of the next one.
struct Arrays {
  const float* rows;
  std::size_t row_stride;
  const float* embeddings;
  std::size_t embedding_stride;
};

std::vector<Candidate> find_candidates(const Arrays& arrays, const Layout& layout,
                                       float least_score) {
  std::vector<Candidate> found;
  std::size_t row = 0;
  for (const int stride : kStrides) {
    for (int line = 0; line < layout.input.height / stride; ++line) {
      for (int column = 0; column < layout.input.width / stride; ++column, ++row) {
        const float* at = arrays.rows + row * arrays.row_stride;
        // No class probability is above 1, so the others cannot reach the threshold.
        if (!(at[4] >= least_score)) continue;
        const float* classes = at + kBoxAndObjectness;
        const float* best = std::max_element(classes, classes + layout.classes);
        Candidate candidate = to_candidate(at, layout.decoded, column, line, stride);
        candidate.score = at[4] * *best;
        candidate.class_id = best - classes;
        candidate.row = row;
        if (candidate.score >= least_score && sane(candidate)) found.push_back(candidate);
      }
    }
  }
  return found;
}

void append_embedding(std::vector<float>& embeddings, const float* from, int length) {
  double squares = 0;
  for (int k = 0; k < length; ++k) squares += static_cast<double>(from[k]) * from[k];
  const double norm = std::max(std::sqrt(squares), 1e-12);
  for (int k = 0; k < length; ++k) embeddings.push_back(static_cast<float>(from[k] / norm));
}

Found read_arrays(const Arrays& arrays, const Layout& layout, const Letterbox& letterbox,
                  const Thresholds& thresholds) {
  check(layout, thresholds);
  Found found;
  const auto kept = suppress(find_candidates(arrays, layout, thresholds.score), thresholds.nms);
  for (const Candidate& one : kept) {
    const Box box = letterbox.to_image({one.left, one.top, one.right, one.bottom});
    found.detections.push_back({box, std::min(one.score, 1.0F), one.class_id});
    if (layout.embedding == 0) continue;
    const float* embedding = arrays.embeddings + one.row * arrays.embedding_stride;
    append_embedding(found.embeddings, embedding, layout.embedding);
  }
  return found;
}

}  // namespace

std::size_t Layout::rows() const {
  std::size_t count = 0;
  for (const int stride : kStrides) {
    count += static_cast<std::size_t>(input.height / stride) *
             static_cast<std::size_t>(input.width / stride);
  }
  return count;
}

std::size_t Layout::columns() const {
  return static_cast<std::size_t>(kBoxAndObjectness + classes + embedding);
}

Found read(const float* output, const Layout& layout, const Letterbox& letterbox,
           const Thresholds& thresholds) {
  const float* embeddings = output + kBoxAndObjectness + layout.classes;
  return read_arrays({output, layout.columns(), embeddings, layout.columns()}, layout, letterbox,
                     thresholds);
}

Found read(const NetworkOutput& output, const NetworkMetadata& metadata, Size input,
           const Letterbox& letterbox, const Thresholds& thresholds) {
  const Layout layout{input, static_cast<int>(output.columns) - kBoxAndObjectness,
                      static_cast<int>(output.embedding_dim), metadata.boxes != Boxes::kRaw};
  return read_arrays({output.rows, output.columns, output.embeddings, output.embedding_dim},
                     layout, letterbox, thresholds);
}

std::vector<Candidate> suppress(std::vector<Candidate> candidates, float largest_overlap) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  std::vector<Candidate> kept;
  for (const Candidate& one : candidates) {
    const bool hidden = std::any_of(kept.begin(), kept.end(), [&](const Candidate& better) {
      return better.class_id == one.class_id && overlap(better, one) > largest_overlap;
    });
    if (!hidden) kept.push_back(one);
  }
  return kept;
}

}  // namespace bytetrack::yolox
