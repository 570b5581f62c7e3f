// The parts that are held to the Python ones:  parts IMAGE H W legacy|current INPUT.bin BOXES.png
//
// Writes the image as network input, float32, and the image with tracks 1 to 6 drawn side by side.

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <opencv2/imgcodecs.hpp>

#include <bytetrack_video/drawing.hpp>
#include <bytetrack_video/preprocess.hpp>

int main(int count, char** words) {
  if (count != 7) return 2;
  cv::Mat image = cv::imread(words[1]);
  const bytetrack::Size size{std::stoi(words[2]), std::stoi(words[3])};
  const auto convention = std::string(words[4]) == "legacy" ? bytetrack::Preprocessing::kLegacy
                                                            : bytetrack::Preprocessing::kCurrent;
  std::vector<float> input;
  const auto fitted = bytetrack::to_input(image, size, convention, input);
  std::ofstream(words[5], std::ios::binary)
      .write(reinterpret_cast<const char*>(input.data()),
             static_cast<std::streamsize>(input.size() * sizeof(float)));
  std::vector<bytetrack::Track> tracks;
  for (int id = 1; id <= 6; ++id) {
    const double left = 60.0 * id;
    tracks.push_back({id, {left, 100, left + 40, 150}, 1, 0, 0});
  }
  bytetrack::draw_tracks(image, tracks, {});
  cv::imwrite(words[6], image);
  std::printf("%.17g\n", fitted.scale);
}
