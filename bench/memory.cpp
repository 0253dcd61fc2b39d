#include "bench/memory.h"

#include <charconv>

#include "results/system_file.h"

namespace flopmeter {

std::int64_t needed_bytes(const Case& subject) {
  constexpr std::int64_t inputs = sizeof(float);
  constexpr std::int64_t truth = sizeof(double);
  constexpr std::int64_t copies = 2 * sizeof(float);
  std::int64_t stored = 0;
  for (const Operand& operand : subject.problem.operands(subject.pass)) {
    stored = checked_add(stored, elements(operand));
  }
  return checked_multiply(stored, inputs + truth + copies);
}

std::int64_t available_bytes(const std::filesystem::path& root) {
  const std::string text = value_of(first_paragraph(root / "proc/meminfo"), "MemAvailable");
  std::int64_t kilobytes = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), kilobytes);
  return result.ec == std::errc() ? kilobytes * 1024 : -1;
}

std::string lack_of_memory(std::int64_t needed, std::int64_t available) {
  if (available < 0 || needed <= available) {
    return "";
  }
  return fmt::format("needs {:.1f} GB of memory, {:.1f} GB are available",
                     static_cast<double>(needed) / 1e9, static_cast<double>(available) / 1e9);
}

}  // namespace flopmeter
