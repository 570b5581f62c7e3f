#include "bytetrack/mot_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numeric>
#include <ostream>
#include <utility>

#include "bytetrack/input_error.hpp"

namespace bytetrack::mot {
namespace {

enum Column { kFrame, kId, kLeft, kTop, kWidth, kHeight, kScore, kClass };

constexpr std::size_t kFewestColumns = 7;
constexpr std::size_t kMostColumns = 10;

// Four days at 30 frames a second: more is a mistake, and each frame of it would be walked through.
constexpr double kLargestFrame = 10'000'000;
// Beyond it a double, as which numbers are read, skips whole numbers.
constexpr double kLargestWhole = 9007199254740991;
// Half of what a detection may have, since right is left plus width.
constexpr double kLargestSide = 5e6;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlank = " \t\r\v\f";

std::string_view stripped(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// A line of the file that can say what is wrong with it.
struct Line {
  const std::string& file;
  std::size_t number;

  [[noreturn]] void refuse(const std::string& fault) const {
    throw InputError(file + ":" + std::to_string(number) + ": " + fault);
  }
  [[noreturn]] void refuse(std::size_t column, double value, const char* cure) const {
    char text[64];
    std::snprintf(text, sizeof text, "column %zu is %g; ", column + 1, value);
    refuse(text + std::string(cure));
  }
};

double parse_number(std::string_view cell, std::size_t column, const Line& line) {
  const std::string_view text = stripped(cell);
  std::string_view digits = text;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  // What is out of range is infinite or nothing, and read as a file of numbers would have it.
  if (error == std::errc::invalid_argument || stop != end) {
    line.refuse("column " + std::to_string(column + 1) + " is '" + std::string(text) +
                "'; give a number");
  }
  if (error == std::errc::result_out_of_range || !std::isfinite(value)) {
    line.refuse("column " + std::to_string(column + 1) + " is " + std::string(text) +
                "; give a finite number");
  }
  return value;
}

/// The numbers of one row.
struct Row {
  double values[kMostColumns];
  std::size_t width = 0;

  Row(std::string_view text, const Line& line) {
    while (true) {
      const std::size_t comma = text.find(',');
      if (width == kMostColumns) line.refuse("has more than 10 columns; give 7, 8, 9 or 10");
      values[width] = parse_number(text.substr(0, comma), width, line);
      ++width;
      if (comma == std::string_view::npos) break;
      text.remove_prefix(comma + 1);
    }
    if (width < kFewestColumns) {
      line.refuse("has " + std::to_string(width) +
                  " columns, comma-separated; give 7, 8, 9 or 10");
    }
  }

  void check(const Line& line) const {
    const auto require = [&](bool right, std::size_t column, const char* cure) {
      if (!right) line.refuse(column, values[column], cure);
    };
    const auto whole = [&](std::size_t column) {
      require(std::floor(values[column]) == values[column], column, "give a whole number");
      require(std::abs(values[column]) <= kLargestWhole, column, "give a smaller number");
    };
    whole(kFrame);
    require(values[kFrame] >= 1, kFrame, "frames count from 1");
    require(values[kFrame] <= kLargestFrame, kFrame, "frames go up to 10000000");
    for (const std::size_t column : {kWidth, kHeight}) {
      require(values[column] >= 0, column, "width and height may not be negative");
    }
    for (const std::size_t column : {kLeft, kTop, kWidth, kHeight}) {
      require(std::abs(values[column]) <= kLargestSide, column, "boxes are pixels within ±5e+06");
    }
    require(values[kScore] >= 0 && values[kScore] <= 1, kScore,
            "scores lie in [0, 1]: divide percentages by 100");
    if (width > kClass) whole(kClass);
  }

  Detection detection() const {
    const Box box{values[kLeft], values[kTop], values[kLeft] + values[kWidth],
                  values[kTop] + values[kHeight]};
    const double named = width > kClass ? std::max(values[kClass], 0.0) : 0;
    return {box, values[kScore], static_cast<std::int64_t>(named)};
  }
};

void order_by_frame(DetectionTable& table) {
  if (std::is_sorted(table.frames.begin(), table.frames.end())) return;
  std::vector<std::size_t> order(table.frames.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return table.frames[a] < table.frames[b]; });
  DetectionTable sorted;
  for (const std::size_t row : order) {
    sorted.frames.push_back(table.frames[row]);
    sorted.detections.push_back(table.detections[row]);
  }
  table = std::move(sorted);
}

/// Append a comma and a number, whatever the user's language writes for a decimal point.
void append_decimal(std::string& text, double value, int digits) {
  char decimal[64];
  const auto [end, _] =
      std::to_chars(decimal, decimal + sizeof decimal, value, std::chars_format::fixed, digits);
  text.append(1, ',').append(decimal, end);
}

}  // namespace

DetectionTable parse_detections(std::string_view text, const std::string& name) {
  if (text.find('\0') != std::string_view::npos) {
    throw InputError(name + ": holds a zero byte and is no text; give a text file of detections");
  }
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  DetectionTable table;
  std::size_t width = 0;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view content = stripped(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (content.empty()) continue;
    if (content.back() == ',') content.remove_suffix(1);
    const Line line{name, number};
    const Row row(content, line);
    if (width == 0) width = row.width;
    if (row.width != width) {
      line.refuse("has " + std::to_string(row.width) + " columns, the first row has " +
                  std::to_string(width) + "; give every row the same columns");
    }
    row.check(line);
    table.frames.push_back(static_cast<std::int64_t>(row.values[kFrame]));
    table.detections.push_back(row.detection());
  }
  order_by_frame(table);
  return table;
}

DetectionTable read_detections(const std::string& path) {
  // Not a stream: those cannot tell a folder from an empty file.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  std::string text;
  char part[65536];
  while (file && !std::ferror(file.get())) {
    const std::size_t count = std::fread(part, 1, sizeof part, file.get());
    if (count == 0) break;
    text.append(part, count);
  }
  if (!file || std::ferror(file.get())) {
    throw InputError(path + ": cannot be read; give a text file of detections");
  }
  return parse_detections(text, path);
}

void write_tracks(std::ostream& file, const TrackTable& table) {
  std::string text;
  for (std::size_t row = 0; row < table.tracks.size(); ++row) {
    const auto& [id, box, score, class_id, detection] = table.tracks[row];
    text = std::to_string(table.frames[row]) + "," + std::to_string(id);
    for (const double value : {box.left, box.top, box.right - box.left, box.bottom - box.top}) {
      append_decimal(text, value, 2);
    }
    append_decimal(text, score, 4);
    file << text << ",-1,-1,-1\n";
  }
}

}  // namespace bytetrack::mot
