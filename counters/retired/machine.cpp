#include "counters/retired/machine.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "counters/retired/encoding.h"

namespace flopmeter::retired {
namespace {

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc() ? std::optional(number) : std::nullopt;
}

std::filesystem::path device_path(const std::filesystem::path& root, std::string_view device) {
  return root / "sys/bus/event_source/devices" / device;
}

/// One "key : value" line of /proc/cpuinfo.
void read_line(std::string_view line, CpuId& cpu) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon + 2 > line.size()) {
    return;
  }
  const std::string_view key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
  const std::string_view value = line.substr(colon + 2);
  if (key == "vendor_id") {
    cpu.vendor = value;
  } else if (key == "cpu family") {
    cpu.family = static_cast<int>(parse_number(value).value_or(-1));
  } else if (key == "model") {
    cpu.model = static_cast<int>(parse_number(value).value_or(-1));
  }
}

}  // namespace

Machine this_machine() { return {.cpu = read_cpu_id("/"), .pmus = present_pmus()}; }

CpuId read_cpu_id(const std::filesystem::path& root) {
  CpuId cpu;
  std::ifstream file(root / "proc/cpuinfo");
  // One paragraph a core; they agree on all that is read here.
  for (std::string line; std::getline(file, line) && !line.empty();) {
    read_line(line, cpu);
  }
  return cpu;
}

std::optional<std::int64_t> read_number(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return parse_number(line);
}

bool has_cpu_pmu(const std::filesystem::path& root) {
  return std::ranges::any_of(std::array{"cpu", "cpu_core", "cpu_atom"}, [&](const char* device) {
    std::error_code unreadable;
    return std::filesystem::exists(device_path(root, device), unreadable);
  });
}

std::optional<std::uint32_t> device_type(const std::filesystem::path& root,
                                         std::string_view device) {
  const std::optional<std::int64_t> type = read_number(device_path(root, device) / "type");
  return type ? std::optional(static_cast<std::uint32_t>(*type)) : std::nullopt;
}

}  // namespace flopmeter::retired
