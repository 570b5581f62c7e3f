#include "opencv_network.hpp"
namespace bytetrack {
std::unique_ptr<Network> open_opencv_network(const std::string&) { return nullptr; }
}
