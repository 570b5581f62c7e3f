#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cuda_runtime_api.h"

// A test double: as much of TensorRT's interface as deploy/TensorRT/cpp uses. An engine is a text:
// the word `engine`, then lines of
//   tensor NAME TYPE AXIS…            TYPE is float or half; an axis of -1 is free
//   sizes LEAST_H LEAST_W MOST_H MOST_W
//   fail context | fail run
namespace nvinfer1 {

enum class DataType : std::int32_t { kFLOAT = 0, kHALF = 1 };
enum class OptProfileSelector : std::int32_t { kMIN = 0, kOPT = 1, kMAX = 2 };

struct Dims {
  std::int32_t nbDims = 0;
  std::int64_t d[8] = {};
};
struct Dims4 : Dims {
  Dims4(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t e) {
    nbDims = 4;
    d[0] = a;
    d[1] = b;
    d[2] = c;
    d[3] = e;
  }
};

class ILogger {
 public:
  enum class Severity : std::int32_t { kINTERNAL_ERROR = 0, kERROR = 1, kWARNING = 2, kINFO = 3 };
  virtual void log(Severity severity, const char* message) noexcept = 0;
  virtual ~ILogger() = default;
};

struct Tensor {
  std::string name;
  DataType type;
  Dims shape;
};

struct Engine {
  std::vector<Tensor> tensors;
  std::vector<int> sizes{1, 1, 1 << 20, 1 << 20};
  bool context_fails = false, run_fails = false;
};

class IExecutionContext {
 public:
  IExecutionContext(const Engine& engine, ILogger& logger);
  ~IExecutionContext();
  bool setInputShape(const char* name, const Dims& shape) noexcept;
  Dims getTensorShape(const char* name) const noexcept;
  bool setTensorAddress(const char* name, void* memory) noexcept;
  bool enqueueV3(cudaStream_t stream) noexcept;

 private:
  const Engine& engine_;
  ILogger& logger_;
  Dims input_;
  std::map<std::string, float*> addresses_;
};

class ICudaEngine {
 public:
  ICudaEngine(Engine engine, ILogger& logger);
  ~ICudaEngine();
  std::int32_t getNbIOTensors() const noexcept;
  const char* getIOTensorName(std::int32_t index) const noexcept;
  Dims getTensorShape(const char* name) const noexcept;
  DataType getTensorDataType(const char* name) const noexcept;
  Dims getProfileShape(const char* name, std::int32_t profile,
                       OptProfileSelector which) const noexcept;
  IExecutionContext* createExecutionContext() noexcept;

 private:
  Engine engine_;
  ILogger& logger_;
};

class IRuntime {
 public:
  explicit IRuntime(ILogger& logger);
  ~IRuntime();
  ICudaEngine* deserializeCudaEngine(const void* bytes, std::size_t size) noexcept;

 private:
  ILogger& logger_;
};

IRuntime* createInferRuntime(ILogger& logger) noexcept;

}  // namespace nvinfer1
