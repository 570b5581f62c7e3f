#include <cstdio>
#include <fstream>

#include "../echo.hpp"
#include "net.h"

namespace ncnn {

void Mat::create(int width, int height, std::size_t size) {
  create(width, height, 1, size);
  dims = 2;
}

void Mat::create(int width, int height, int channels, std::size_t size) {
  dims = 3;
  w = width;
  h = height;
  c = channels;
  elemsize = size;
  // ncnn aligns channels too; a gap of odd length finds who relies on the size of it.
  cstep = static_cast<std::size_t>(w) * static_cast<std::size_t>(h) + (channels > 1 ? 5 : 0);
  numbers_.reset(new float[cstep * static_cast<std::size_t>(channels)],
                 std::default_delete<float[]>());
}

Mat Mat::channel(int index) {
  Mat one = *this;
  one.offset_ = cstep * static_cast<std::size_t>(index);
  return one;
}

int Net::load_param(const char* path) {
  std::ifstream file(path);
  std::string word, name;
  int columns = 0;
  while (file >> word) {
    if (word == "in" && file >> input_) continue;
    if (word == "out" && file >> name >> columns) {
      outputs_[name] = columns;
    } else if (word == "fail") {
      fails_ = true;
    } else if (word == "flat") {
      flat_ = true;
    } else {
      return -1;
    }
  }
  input_names_ = {input_.c_str()};
  for (const auto& output : outputs_) output_names_.push_back(output.first.c_str());
  return 0;
}

int Net::load_model(const char* path) {
  std::string word;
  std::ifstream(path) >> word;
  std::printf("threads %d, fp16 %d %d %d, bf16 %d, vulkan %d\n", opt.num_threads,
              opt.use_fp16_packed, opt.use_fp16_storage, opt.use_fp16_arithmetic,
              opt.use_bf16_storage, opt.use_vulkan_compute);
  return word == "weights" ? 0 : -1;
}

int Extractor::input(const char* name, const Mat& mat) {
  input_ = mat;
  return name == net_.input_ && mat.dims == 3 ? 0 : -1;
}

int Extractor::extract(const char* name, Mat& mat) {
  const auto output = net_.outputs_.find(name);
  if (net_.fails_ || output == net_.outputs_.end()) return -1;
  const std::size_t count = echo::places(input_.h, input_.w);
  const auto columns = static_cast<std::size_t>(output->second);
  mat.create(output->second, static_cast<int>(count));
  if (output->first == "out0") {
    const auto plane = static_cast<std::size_t>(input_.w) * static_cast<std::size_t>(input_.h);
    echo::fill_rows(input_.channel(0), input_.channel(1), input_.channel(2), plane, mat, count,
                    columns);
  } else {
    echo::fill_embeddings(mat, count, columns);
  }
  if (net_.flat_) mat.dims = 1;
  return 0;
}

}  // namespace ncnn
