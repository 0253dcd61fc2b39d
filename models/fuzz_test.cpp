// Files that no writer makes: the corpus of models/onnx/fuzz, changed at random with a fixed seed. What is
// thrown besides a refusal of one line, what takes seconds, and what a sanitizer finds, fails.
// FLOPMETER_FUZZ_RUNS asks for more than the few seconds' worth that a test run takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "models/testing/read_any.h"

namespace flopmeter::models {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> corpus() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator("models/onnx/fuzz/corpus")) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<std::string> files;
  for (const fs::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>{});
  }
  return files;
}

/// Changes bytes as fuzzers do, the same ones in every run.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::string changed(const std::vector<std::string>& all) {
    std::string bytes = all[below(all.size())];
    for (std::size_t left = 1 + below(4); left > 0; --left) {
      change(bytes, all);
    }
    return bytes;
  }

 private:
  std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }

  void change(std::string& bytes, const std::vector<std::string>& all) {
    const std::size_t at = below(bytes.size() + 1);
    const std::size_t length = std::min(below(16), bytes.size() - at);
    switch (below(7)) {
      case 0:
        if (at < bytes.size()) {
          bytes[at] = static_cast<char>(random_());
        }
        break;
      case 1:
        if (at < bytes.size()) {
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        }
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:  // a part twice: names that are given again
        bytes.insert(at, bytes.substr(at, std::min(below(200), bytes.size() - at)));
        break;
      case 4:  // a number at the edges
        bytes.replace(at, length, numbers_[below(std::size(numbers_))]);
        break;
      case 5: {  // a part of another file
        const std::string& other = all[below(all.size())];
        const std::size_t from = below(other.size() + 1);
        bytes.insert(at, other.substr(from, below(200)));
        break;
      }
      default:
        bytes.resize(at);
    }
  }

  std::mt19937_64 random_;
  // 0, 2^63 - 1 and -1 as variable-length integers, and lengths that lead out of any file.
  const std::string numbers_[5] = {std::string(1, '\0'), "\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
                                   "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                                   "\xff\xff\xff\xff\x0f", "\xff\x7f"};
};

/// Of this process: another program's load is nothing that a file does.
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::string hexadecimal(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return text;
}

TEST(ModelFuzz, ReadsItsCorpus) {
  const auto files = corpus();
  ASSERT_GE(files.size(), 8U);
  for (const std::string& bytes : files) {
    EXPECT_EQ(testing::read_any(bytes), "");
  }
}

TEST(ModelFuzz, CountsOrRefusesWhateverComes) {
  const char* const asked = std::getenv("FLOPMETER_FUZZ_RUNS");
  const std::uint64_t runs = asked == nullptr ? 20'000 : std::strtoull(asked, nullptr, 10);
  const auto files = corpus();
  ASSERT_FALSE(files.empty());
  for (std::uint64_t seed = 0; seed < runs; ++seed) {
    const std::string bytes = Mutator(seed).changed(files);
    const double start = processor_seconds();
    try {
      testing::read_any(bytes);
    } catch (const std::exception& error) {
      FAIL() << "seed " << seed << ": " << error.what() << "\n" << hexadecimal(bytes);
    }
    ASSERT_LT(processor_seconds() - start, 20) << "seed " << seed << "\n" << hexadecimal(bytes);
  }
}

}  // namespace
}  // namespace flopmeter::models
