// Joins result files of many jobs into one, line by line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace flopmeter {

/// A shard's list of cases, for the file that it writes: what is not there afterwards is missing.
/// {"type":"shard","environment":...,"index":0,"count":4,"cases":[...]}
std::string shard_line(std::size_t index, std::size_t count, const std::vector<std::string>& cases,
                       std::string_view environment);

/// What a kind of machine lacks of what it, or another one, was to answer or did.
struct Missing {
  std::string kind;
  std::size_t count = 0;           // shards that left no file, and cases
  std::vector<std::string> first;  // of them, by name, shards before cases
};

struct MergeSummary {
  std::size_t files = 0, rows = 0, repeats = 0, cut = 0;  // `cut`: last lines that were cut off
  std::vector<Missing> missing;                           // kinds of machine that lack something
};

/// Writes each environment once, then the best row of each case on each kind of machine: one that
/// answers (ok, unavailable, failed) before a noisy one, the first of equals. Kinds of machine are told
/// apart by CPU, instruction sets and the variables that steer kernels. Reads the files twice and
/// keeps the name of each case, and a few bytes a row. `named` are the most missing ones of a kind that get a line.
/// Throws CannotRead: no results, a line that is none, two builds of flopmeter or its libraries.
MergeSummary merge_results(const std::vector<std::filesystem::path>& files, std::ostream& out,
                           std::size_t named = 20);

}  // namespace flopmeter
