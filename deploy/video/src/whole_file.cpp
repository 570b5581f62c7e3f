#include "whole_file.hpp"

#include <system_error>

#include <bytetrack/input_error.hpp>

namespace bytetrack {

WholeFile::WholeFile(const std::filesystem::path& path)
    : path_(path), aside_(path.parent_path() / ("." + path.stem().string() + ".part")) {
  aside_ += path.extension();
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) refuse();
}

WholeFile::~WholeFile() {
  std::error_code ignored;
  std::filesystem::remove(aside_, ignored);
}

void WholeFile::keep() {
  std::error_code error;
  std::filesystem::rename(aside_, path_, error);
  if (error) refuse();
}

void WholeFile::refuse() const {
  throw InputError(path_.string() + ": cannot be written; give another --output");
}

}  // namespace bytetrack
