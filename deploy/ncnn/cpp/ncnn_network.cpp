#include "ncnn_network.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <vector>

#include <net.h>

#include <bytetrack/input_error.hpp>

namespace bytetrack {
namespace {

constexpr const char* kInput = "in0";
constexpr const char* kRows = "out0";
constexpr const char* kEmbeddings = "out1";

bool has(const std::vector<const char*>& names, const char* name) {
  return std::any_of(names.begin(), names.end(),
                     [name](const char* one) { return std::strcmp(one, name) == 0; });
}

/// ncnn says on stderr what it cannot open; an error of ours says it in one line.
void check_readable(const std::string& path) {
  if (!std::ifstream(path)) {
    throw InputError(path + ": cannot be read; give a folder that tools/export_ncnn.py wrote");
  }
}

class NcnnNetwork : public Network {
 public:
  NcnnNetwork(const std::string& folder, const NcnnOptions& options) : folder_(folder) {
    const std::string param = folder + "/network.param", weights = folder + "/network.bin";
    for (const std::string& path : {folder + "/network.json", param, weights}) {
      check_readable(path);
    }
    metadata_ = read_json_metadata(folder + "/network.json");
    if (options.threads > 0) net_.opt.num_threads = options.threads;
    net_.opt.use_vulkan_compute = false;
    net_.opt.use_fp16_packed = options.fp16;
    net_.opt.use_fp16_storage = options.fp16;
    net_.opt.use_fp16_arithmetic = options.fp16;
    net_.opt.use_bf16_storage = false;
    if (net_.load_param(param.c_str()) != 0 || net_.load_model(weights.c_str()) != 0) {
      throw InputError(folder + ": ncnn cannot read network.param and network.bin; " + kCure);
    }
    check_blobs();
  }

  const NetworkMetadata& metadata() const override { return metadata_; }

  // pnnx writes the sizes of an input down.
  bool takes_any_size() const override { return false; }

  NetworkOutput run(const float* input, Size size) override {
    check_size(*this, size, folder_);
    put_in(input, size);
    ncnn::Extractor extractor = net_.create_extractor();
    const bool embeds = metadata_.embedding_dim > 0;
    if (extractor.input(kInput, input_) != 0 || extractor.extract(kRows, rows_) != 0 ||
        (embeds && extractor.extract(kEmbeddings, embeddings_) != 0)) {
      throw InputError(folder_ + ": ncnn cannot run it; there is too little memory, or " + kCure);
    }
    check_float_rows(rows_, kRows);
    NetworkOutput output{rows_, static_cast<std::size_t>(rows_.h),
                         static_cast<std::size_t>(rows_.w), nullptr, 0};
    if (embeds) {
      check_float_rows(embeddings_, kEmbeddings);
      output.embeddings = embeddings_;
      output.embedding_dim = static_cast<std::size_t>(embeddings_.w);
    }
    check_output(output, metadata_, size, folder_);
    return output;
  }

 private:
  static constexpr const char* kCure = "export it anew with tools/export_ncnn.py";

  void check_blobs() const {
    std::vector<const char*> wanted{kRows};
    if (metadata_.embedding_dim > 0) wanted.push_back(kEmbeddings);
    const bool complete = std::all_of(wanted.begin(), wanted.end(), [this](const char* name) {
      return has(net_.output_names(), name);
    });
    if (complete && has(net_.input_names(), kInput)) return;
    throw InputError(folder_ + ": network.param lacks an input or output that network.json tells " +
                     "of; " + kCure);
  }

  /// ncnn may leave gaps between channels.
  void put_in(const float* input, Size size) {
    const auto plane = static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
    input_.create(size.width, size.height, 3);
    for (int channel = 0; channel < 3; ++channel, input += plane) {
      std::copy(input, input + plane, static_cast<float*>(input_.channel(channel)));
    }
  }

  void check_float_rows(const ncnn::Mat& output, const char* name) const {
    if (output.dims == 2 && output.elemsize == sizeof(float) && output.h == rows_.h) return;
    throw InputError(folder_ + ": " + name + " is no array of rows; " + kCure);
  }

  std::string folder_;
  NetworkMetadata metadata_;
  ncnn::Net net_;
  ncnn::Mat input_, rows_, embeddings_;
};

}  // namespace

std::unique_ptr<Network> open_ncnn_network(const std::string& folder, const NcnnOptions& options) {
  return std::make_unique<NcnnNetwork>(folder, options);
}

}  // namespace bytetrack
