// For tests: a root directory with the files of /proc and /sys that a machine would have.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace flopmeter::retired {

class FakeRoot {
 public:
  FakeRoot() {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(test->test_suite_name()) + "." + test->name();
    std::ranges::replace(name, '/', '_');
    path_ = std::filesystem::path(testing::TempDir()) / ("flopmeter_root." + name);
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;
  ~FakeRoot() { std::filesystem::remove_all(path_); }

  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file) << text;
  }

  /// A PMU of the kernel with that number as its type.
  void add_device(const std::string& device, int type) const {
    write("sys/bus/event_source/devices/" + device + "/type", std::to_string(type) + "\n");
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace flopmeter::retired
