#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

// A test double: as much of ncnn's interface as deploy/ncnn/cpp uses. A network.param is a text of
//   in NAME | out NAME COLUMNS | fail | flat
// where `fail` has it fail as it runs and `flat` has it put out arrays of one axis.
namespace ncnn {

struct Option {
  int num_threads = 8;
  bool use_vulkan_compute = true, use_fp16_packed = true, use_fp16_storage = true;
  bool use_fp16_arithmetic = true, use_bf16_storage = true;
};

class Mat {
 public:
  void create(int width, int height, std::size_t size = sizeof(float));
  void create(int width, int height, int channels, std::size_t size = sizeof(float));
  Mat channel(int index);
  template <typename Number>
  operator Number*() {
    return numbers_.get() + offset_;
  }
  template <typename Number>
  operator const Number*() const {
    return numbers_.get() + offset_;
  }

  int dims = 0, w = 0, h = 0, c = 0;
  std::size_t elemsize = 0, cstep = 0;

 private:
  std::shared_ptr<float> numbers_;
  std::size_t offset_ = 0;
};

class Net;

class Extractor {
 public:
  explicit Extractor(const Net& net) : net_(net) {}
  int input(const char* name, const Mat& mat);
  int extract(const char* name, Mat& mat);

 private:
  const Net& net_;
  Mat input_;
};

class Net {
 public:
  int load_param(const char* path);
  int load_model(const char* path);
  Extractor create_extractor() const { return Extractor(*this); }
  const std::vector<const char*>& input_names() const { return input_names_; }
  const std::vector<const char*>& output_names() const { return output_names_; }

  Option opt;

 private:
  friend class Extractor;
  std::map<std::string, int> outputs_;
  std::string input_;
  std::vector<const char*> input_names_, output_names_;
  bool fails_ = false, flat_ = false;
};

}  // namespace ncnn
