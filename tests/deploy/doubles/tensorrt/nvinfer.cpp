#include <algorithm>
#include <sstream>

#include "../echo.hpp"
#include "NvInfer.h"
#include "queue.hpp"

namespace nvinfer1 {
namespace {

int living = 0;

const Tensor& find(const Engine& engine, const std::string& name) {
  const auto tensor = std::find_if(engine.tensors.begin(), engine.tensors.end(),
                                   [&](const Tensor& one) { return one.name == name; });
  require(tensor != engine.tensors.end(), "there is no such tensor");
  return *tensor;
}

bool parse(const std::string& text, Engine& engine) {
  std::istringstream lines(text);
  std::string line, word, name, type;
  if (!std::getline(lines, line) || line != "engine") return false;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    words >> word >> name;
    if (word == "tensor") {
      words >> type;
      Tensor tensor{name, type == "half" ? DataType::kHALF : DataType::kFLOAT, {}};
      while (words >> tensor.shape.d[tensor.shape.nbDims]) ++tensor.shape.nbDims;
      engine.tensors.push_back(tensor);
    } else if (word == "sizes") {
      engine.sizes[0] = std::stoi(name);
      words >> engine.sizes[1] >> engine.sizes[2] >> engine.sizes[3];
    } else {
      (name == "context" ? engine.context_fails : engine.run_fails) = true;
    }
  }
  return true;
}

}  // namespace

// A runtime is made first and destroyed last.
IRuntime::IRuntime(ILogger& logger) : logger_(logger) { require(living++ == 0, "out of order"); }
IRuntime::~IRuntime() { require(--living == 0, "the runtime was destroyed too early"); }

ICudaEngine* IRuntime::deserializeCudaEngine(const void* bytes, std::size_t size) noexcept {
  Engine engine;
  if (parse({static_cast<const char*>(bytes), size}, engine)) {
    return new ICudaEngine(engine, logger_);
  }
  logger_.log(ILogger::Severity::kWARNING, "a warning");
  logger_.log(ILogger::Severity::kERROR, "the version tag is wrong\nin a second line");
  logger_.log(ILogger::Severity::kERROR, "another complaint");
  return nullptr;
}

ICudaEngine::ICudaEngine(Engine engine, ILogger& logger) : engine_(engine), logger_(logger) {
  require(living++ == 1, "an engine needs a runtime");
}
ICudaEngine::~ICudaEngine() { require(--living == 1, "the engine was destroyed out of order"); }

std::int32_t ICudaEngine::getNbIOTensors() const noexcept {
  return static_cast<std::int32_t>(engine_.tensors.size());
}

const char* ICudaEngine::getIOTensorName(std::int32_t index) const noexcept {
  return engine_.tensors[static_cast<std::size_t>(index)].name.c_str();
}

Dims ICudaEngine::getTensorShape(const char* name) const noexcept {
  return find(engine_, name).shape;
}

DataType ICudaEngine::getTensorDataType(const char* name) const noexcept {
  return find(engine_, name).type;
}

Dims ICudaEngine::getProfileShape(const char* name, std::int32_t profile,
                                  OptProfileSelector which) const noexcept {
  require(name == std::string("images") && profile == 0, "there is no such profile");
  const std::size_t at = which == OptProfileSelector::kMAX ? 2 : 0;
  return Dims4(1, 3, engine_.sizes[at], engine_.sizes[at + 1]);
}

IExecutionContext* ICudaEngine::createExecutionContext() noexcept {
  if (engine_.context_fails) return nullptr;
  return new IExecutionContext(engine_, logger_);
}

IExecutionContext::IExecutionContext(const Engine& engine, ILogger& logger)
    : engine_(engine), logger_(logger), input_(find(engine, "images").shape) {
  require(living++ == 2, "a context needs an engine");
}
IExecutionContext::~IExecutionContext() {
  require(--living == 2, "the context was destroyed out of order");
}

bool IExecutionContext::setInputShape(const char* name, const Dims& shape) noexcept {
  const Dims own = find(engine_, name).shape;
  bool fits = shape.nbDims == own.nbDims;
  for (int k = 0; k < shape.nbDims; ++k) fits = fits && (own.d[k] < 0 || own.d[k] == shape.d[k]);
  const auto& sizes = engine_.sizes;
  fits = fits && shape.d[2] >= sizes[0] && shape.d[3] >= sizes[1] && shape.d[2] <= sizes[2] &&
         shape.d[3] <= sizes[3];
  if (fits) input_ = shape;
  return fits;
}

Dims IExecutionContext::getTensorShape(const char* name) const noexcept {
  Dims shape = find(engine_, name).shape;
  if (name == std::string("images")) return input_;
  if (shape.d[1] < 0) {
    shape.d[1] = static_cast<std::int64_t>(
        echo::places(static_cast<int>(input_.d[2]), static_cast<int>(input_.d[3])));
  }
  shape.d[0] = 1;
  return shape;
}

bool IExecutionContext::setTensorAddress(const char* name, void* memory) noexcept {
  std::size_t count = 1;
  const Dims shape = getTensorShape(name);
  for (int k = 0; k < shape.nbDims; ++k) count *= static_cast<std::size_t>(shape.d[k]);
  require(is_on_device(memory, count * sizeof(float)), "a tensor leaves the device's memory");
  addresses_[name] = static_cast<float*>(memory);
  return true;
}

bool IExecutionContext::enqueueV3(cudaStream_t stream) noexcept {
  if (engine_.run_fails || addresses_.size() != engine_.tensors.size()) {
    logger_.log(ILogger::Severity::kERROR, "it does not run");
    return false;
  }
  const auto plane = static_cast<std::size_t>(input_.d[2] * input_.d[3]);
  for (const auto& [name, memory] : addresses_) {
    if (name == "images") continue;
    const Dims shape = getTensorShape(name.c_str());
    const auto count = static_cast<std::size_t>(shape.d[1]);
    const auto columns = static_cast<std::size_t>(shape.d[2]);
    const float* images = addresses_.at("images");
    stream->queue.push_back([=, to = memory, is_rows = name == "output"] {
      if (is_rows) {
        echo::fill_rows(images, images + plane, images + 2 * plane, plane, to, count, columns);
      } else {
        echo::fill_embeddings(to, count, columns);
      }
    });
  }
  return true;
}

IRuntime* createInferRuntime(ILogger& logger) noexcept { return new IRuntime(logger); }

}  // namespace nvinfer1
