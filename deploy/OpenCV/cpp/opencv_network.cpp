#include "opencv_network.hpp"

#include <utility>
#include <vector>

#include <opencv2/dnn.hpp>

#include <bytetrack/input_error.hpp>

namespace bytetrack {
namespace {

/// The tail of an OpenCV message, which begins with its version, file and line.
std::string reason_of(const cv::Exception& error) {
  return error.err.substr(0, error.err.find('\n'));
}

class OpenCvNetwork : public Network {
 public:
  OpenCvNetwork(cv::dnn::Net net, NetworkMetadata metadata, std::string path)
      : net_(std::move(net)), metadata_(std::move(metadata)), path_(std::move(path)) {
    names_.emplace_back("output");
    if (metadata_.embedding_dim > 0) names_.emplace_back("embeddings");
  }

  const NetworkMetadata& metadata() const override { return metadata_; }

  // OpenCV does not tell whether it does before it is tried.
  bool takes_any_size() const override { return true; }

  NetworkOutput run(const float* input, Size size) override {
    const std::vector<int> shape{1, 3, size.height, size.width};
    try {
      // Only read; a Mat around it may not be const.
      net_.setInput(cv::Mat(shape, CV_32F, const_cast<float*>(input)));
      net_.forward(outputs_, names_);
    } catch (const cv::Exception& error) {
      throw InputError(path_ + ": cannot be run on " + std::to_string(size.height) + " × " +
                       std::to_string(size.width) + " (" + reason_of(error) +
                       "); leave --tsize out, or export it with --no-decode --dynamic-size");
    }
    NetworkOutput output;
    output.rows = numbers_of(outputs_[0], output.count, output.columns);
    if (outputs_.size() > 1) {
      std::size_t count = 0;
      output.embeddings = numbers_of(outputs_[1], count, output.embedding_dim);
    }
    return output;
  }

 private:
  /// Give where an output (1, rows, columns) begins.
  const float* numbers_of(const cv::Mat& output, std::size_t& rows, std::size_t& columns) const {
    if (output.dims != 3 || output.size[0] != 1 || output.type() != CV_32F) {
      throw InputError(path_ + ": puts out something else than a YOLOX does; export it anew, for "
                       "one image at once");
    }
    rows = static_cast<std::size_t>(output.size[1]);
    columns = static_cast<std::size_t>(output.size[2]);
    return output.ptr<float>();
  }

  cv::dnn::Net net_;
  NetworkMetadata metadata_;
  std::string path_;
  std::vector<std::string> names_;
  std::vector<cv::Mat> outputs_;
};

}  // namespace

std::unique_ptr<Network> open_opencv_network(const std::string& path) {
  NetworkMetadata metadata = read_onnx_metadata(path);
  try {
    return std::make_unique<OpenCvNetwork>(cv::dnn::readNetFromONNX(path), std::move(metadata),
                                           path);
  } catch (const cv::Exception& error) {
    throw InputError(path + ": OpenCV " CV_VERSION " does not read it (" + reason_of(error) +
                     "); export it with --no-reid, --opset 18 and a fixed size or --no-decode");
  }
}

}  // namespace bytetrack
