#pragma once

#include <filesystem>

namespace bytetrack {

/// A file that takes its name only once it is written to the end.
///
/// Whoever has not called `keep` leaves what was there before.
class WholeFile {
 public:
  /// Missing folders are made. Throws InputError where they cannot be.
  explicit WholeFile(const std::filesystem::path& path);
  ~WholeFile();
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  /// Where to write to, closed before `keep`; the suffix is the same.
  std::string aside() const { return aside_.string(); }

  /// Give it its name. Throws InputError where that does not go.
  void keep();

  /// Throws InputError: it cannot be written.
  [[noreturn]] void refuse() const;

 private:
  std::filesystem::path path_, aside_;
};

}  // namespace bytetrack
