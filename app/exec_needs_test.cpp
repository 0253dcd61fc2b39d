#include "app/exec_needs.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace flopmeter {
namespace {

TEST(NeededLibraries, OfThisProgram) {
  EXPECT_THAT(needed_libraries("/proc/self/exe"),
              testing::Contains(testing::StartsWith("libc.so")));
}

TEST(NeededLibraries, OfWhatIsNoProgram) {
  EXPECT_THAT(needed_libraries("/nonexistent"), testing::IsEmpty());
  EXPECT_THAT(needed_libraries("/etc/passwd"), testing::IsEmpty());
}

// Offsets that lead nowhere, as a file that was cut short has them.
TEST(NeededLibraries, OfAFileThatIsCutShort) {
  std::ifstream whole("/proc/self/exe", std::ios::binary);
  std::string beginning(1000, '\0');
  whole.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  std::string name = (std::filesystem::temp_directory_path() / "flopmeter-XXXXXX").string();
  close(mkstemp(name.data()));
  std::ofstream(name, std::ios::binary) << beginning;
  EXPECT_THAT(needed_libraries(name), testing::IsEmpty());
  std::filesystem::remove(name);
}

}  // namespace
}  // namespace flopmeter
