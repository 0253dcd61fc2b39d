// Batch files: shapes and option lines as benchdnn reads them, among them files that name others.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/benchdnn/line.h"

namespace flopmeter::benchdnn {

/// Something of a file that was not understood.
struct NotRead {
  std::string origin;  // file:line
  std::string text;
  std::string reason;
};

struct Batch {
  std::vector<Wanted> wanted;     // one or more of each shape that is read
  std::vector<NotRead> not_read;  // shapes and options
  std::vector<NotRead> partly;    // shapes that are none with some of the options in force
  std::size_t shapes = 0;         // that are read
};

/// The text of a file; empty when it cannot be read.
using Loader = std::function<std::optional<std::string>(const std::string& path)>;

/// Reads a file of a subject's shapes. Options stay in force until --reset, as in benchdnn; a file
/// that --batch names lies beside its own, or in the folder of its driver beside that. One shape that
/// is not understood is listed and the rest is read. Throws BadInput when the file itself cannot be
/// read.
Batch read_batch(const Subject& subject, const std::string& path, const Loader& load);

/// What has to be said of a file: remarks with how many shapes they are of, "3 of 120 are not read"
/// with one line each of the first, and how many more there are. Empty when all is as in benchdnn.
std::vector<std::string> lines_of(const Batch& batch, const std::string& path);

}  // namespace flopmeter::benchdnn
