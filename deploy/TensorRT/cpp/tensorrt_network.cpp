#include "tensorrt_network.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

#include <NvInfer.h>

#include <bytetrack/input_error.hpp>

#include "cuda_memory.hpp"

namespace bytetrack {
namespace {

using nvinfer1::OptProfileSelector;

constexpr const char* kImages = "images";
constexpr const char* kOutput = "output";
constexpr const char* kEmbeddings = "embeddings";
constexpr const char* kCure = "build it anew with tools/trt.py, on this machine";

/// Keeps what TensorRT complains of, for our error to tell.
class Complaints : public nvinfer1::ILogger {
 public:
  void log(Severity severity, const char* message) noexcept override {
    if (severity > Severity::kERROR || !first_.empty()) return;
    const std::string text = message;
    first_ = text.substr(0, text.find('\n'));
  }

  /// The first since the last call.
  std::string take() {
    std::string text = first_.empty() ? "nothing more" : first_;
    first_.clear();
    return text;
  }

 private:
  std::string first_;
};

std::vector<char> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw InputError(path + ": cannot be read; build it with tools/trt.py");
  std::vector<char> bytes(static_cast<std::size_t>(file.tellg()));
  file.seekg(0);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

std::string text_of(const nvinfer1::Dims& shape) {
  std::string text;
  for (int k = 0; k < shape.nbDims; ++k) {
    text += (k ? " × " : "") + std::to_string(shape.d[k]);
  }
  return text;
}

/// The numbers of one output, on the device and then on the host.
struct Output {
  const char* name;
  cuda::Array<cuda::Device> device;
  cuda::Array<cuda::Pinned> host;
  std::size_t rows = 0, columns = 0;
};

class TensorRTNetwork : public Network {
 public:
  explicit TensorRTNetwork(const std::string& path)
      : path_(path), metadata_(read_json_metadata(path + ".json")) {
    const std::vector<char> bytes = read_bytes(path);
    stream_ = cuda::make_stream();
    runtime_.reset(nvinfer1::createInferRuntime(complaints_));
    if (!runtime_) refuse("TensorRT does not start", "install the version it was compiled with");
    engine_.reset(runtime_->deserializeCudaEngine(bytes.data(), bytes.size()));
    if (!engine_) refuse("is no engine for this version of TensorRT and this GPU", kCure);
    outputs_.push_back({kOutput, {}, {}});
    if (metadata_.embedding_dim > 0) outputs_.push_back({kEmbeddings, {}, {}});
    check_tensors();
    context_.reset(engine_->createExecutionContext());
    if (!context_) refuse("cannot be run", "free memory on the GPU");
  }

  const NetworkMetadata& metadata() const override { return metadata_; }

  bool takes_any_size() const override {
    const nvinfer1::Dims shape = engine_->getTensorShape(kImages);
    return shape.d[2] < 0 || shape.d[3] < 0;
  }

  NetworkOutput run(const float* input, Size size) override {
    check_size(*this, size, path_);
    if (size.height != size_.height || size.width != size_.width) resize(size);
    const std::size_t count = 3 * static_cast<std::size_t>(size.height) *
                              static_cast<std::size_t>(size.width);
    copy(images_.get(), input, count, cudaMemcpyHostToDevice);
    if (!context_->enqueueV3(stream_.get())) refuse("cannot be run", kCure);
    for (const Output& one : outputs_) {
      copy(one.host.get(), one.device.get(), one.rows * one.columns, cudaMemcpyDeviceToHost);
    }
    check(cudaStreamSynchronize(stream_.get()));
    return view();
  }

 private:
  [[noreturn]] void refuse(const std::string& fault, const std::string& cure) {
    throw InputError(path_ + ": " + fault + ": TensorRT says: " + complaints_.take() + "; " + cure);
  }

  void check(cudaError_t status) const { cuda::check(status, kCure); }

  void copy(float* to, const float* from, std::size_t count, cudaMemcpyKind kind) const {
    check(cudaMemcpyAsync(to, from, count * sizeof(float), kind, stream_.get()));
  }

  void check_tensors() const {
    std::vector<std::string> wanted{kImages}, found;
    for (const Output& one : outputs_) wanted.emplace_back(one.name);
    for (int k = 0; k < engine_->getNbIOTensors(); ++k) {
      found.emplace_back(engine_->getIOTensorName(k));
    }
    std::sort(wanted.begin(), wanted.end());
    std::sort(found.begin(), found.end());
    if (found != wanted) {
      std::string names;
      for (const std::string& name : found) names += (names.empty() ? "" : ", ") + name;
      throw InputError(path_ + ": has the tensors " + names + ", not those that " + path_ +
                       ".json tells of; export without --nms, and " + kCure);
    }
    for (const std::string& name : wanted) {
      if (engine_->getTensorDataType(name.c_str()) != nvinfer1::DataType::kFLOAT) {
        throw InputError(path_ + ": " + name + " is not float32; " + kCure);
      }
    }
    check_images(engine_->getTensorShape(kImages));
  }

  void check_images(const nvinfer1::Dims& shape) const {
    const Size size = metadata_.input_size;
    const auto fits = [&](int axis, int wanted) {
      return shape.d[axis] < 0 || shape.d[axis] == wanted;
    };
    if (shape.nbDims == 4 && fits(0, 1) && fits(1, 3) && fits(2, size.height) &&
        fits(3, size.width)) {
      return;
    }
    throw InputError(path_ + ": takes " + text_of(shape) + ", not one image of " +
                     std::to_string(size.height) + " × " + std::to_string(size.width) +
                     "; export it with --batch 1, and " + kCure);
  }

  /// Tell TensorRT the size, and make room for what goes in and comes out.
  void resize(Size size) {
    size_ = {};
    const nvinfer1::Dims4 shape(1, 3, size.height, size.width);
    if (!context_->setInputShape(kImages, shape)) {
      throw InputError(path_ + ": was built for " + limit(OptProfileSelector::kMIN) + " to " +
                       limit(OptProfileSelector::kMAX) + ", not for " + text_of(shape) +
                       "; give another --tsize, or " + kCure);
    }
    images_.grow(3 * static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width));
    bool bound = context_->setTensorAddress(kImages, images_.get());
    for (Output& one : outputs_) {
      const nvinfer1::Dims out = context_->getTensorShape(one.name);
      if (out.nbDims != 3 || out.d[0] != 1 || out.d[1] < 1 || out.d[2] < 1) {
        throw InputError(path_ + ": puts out " + text_of(out) + " as " + one.name + "; " + kCure);
      }
      one.rows = static_cast<std::size_t>(out.d[1]);
      one.columns = static_cast<std::size_t>(out.d[2]);
      one.device.grow(one.rows * one.columns);
      one.host.grow(one.rows * one.columns);
      bound = bound && context_->setTensorAddress(one.name, one.device.get());
    }
    if (!bound) refuse("cannot be run", kCure);
    check_rows(size);
    size_ = size;
  }

  /// The smallest or the largest input that it was built for.
  std::string limit(OptProfileSelector which) const {
    return text_of(engine_->getProfileShape(kImages, 0, which));
  }

  void check_rows(Size size) const {
    check_output(view(), metadata_, size, path_);
    for (const Output& one : outputs_) {
      if (one.rows == outputs_[0].rows) continue;
      throw InputError(path_ + ": has " + std::to_string(one.rows) + " embeddings for " +
                       std::to_string(outputs_[0].rows) + " rows; " + kCure);
    }
  }

  NetworkOutput view() const {
    const Output& rows = outputs_[0];
    NetworkOutput output{rows.host.get(), rows.rows, rows.columns, nullptr, 0};
    if (outputs_.size() > 1) {
      output.embeddings = outputs_[1].host.get();
      output.embedding_dim = outputs_[1].columns;
    }
    return output;
  }

  std::string path_;
  NetworkMetadata metadata_;
  Complaints complaints_;
  // Destroyed from below: the context before its engine, the engine before the runtime.
  std::unique_ptr<nvinfer1::IRuntime> runtime_;
  std::unique_ptr<nvinfer1::ICudaEngine> engine_;
  cuda::Array<cuda::Device> images_;
  std::vector<Output> outputs_;
  cuda::Stream stream_;
  std::unique_ptr<nvinfer1::IExecutionContext> context_;
  Size size_;  // of the last run
};

}  // namespace

std::unique_ptr<Network> open_tensorrt_network(const std::string& path) {
  return std::make_unique<TensorRTNetwork>(path);
}

}  // namespace bytetrack
