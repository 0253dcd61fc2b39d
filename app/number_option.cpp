#include "app/number_option.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "app/threads_option.h"
#include "bench/machine/pinned_team.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr std::size_t shown_characters = 60;

/// What was given, cut where it would fill the screen.
std::string shown(std::string_view text) {
  return text.size() <= shown_characters ? std::string(text)
                                         : fmt::format("{}...", text.substr(0, shown_characters));
}

template <class T>
std::string range_text(NumberRange<T> range, std::string_view unit = "") {
  return fmt::format("{}{}..{}{}", range.lowest, unit, range.highest, unit);
}

/// `limit`: what sets the highest value, if the message shall say it.
template <class T>
T read_number(const CLI::Option& option, std::string_view text, NumberRange<T> range,
              std::string_view limit = "") {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Written so that not-a-number is refused, too.
  if (error != std::errc() || end != text.data() + text.size() ||
      !(value >= range.lowest && value <= range.highest)) {
    bad_input("{} '{}': must be {} from {} to {}{}{}", option.get_name(), shown(text),
              std::is_integral_v<T> ? "a whole number" : "a number", range.lowest, range.highest,
              limit.empty() ? "" : ", ", limit);
  }
  return value;
}

/// The option with a callback that gets itself, to name itself in messages.
template <class Read>
CLI::Option* add(CLI::App& command, const std::string& name, const std::string& help,
                 const std::string& type, const std::string& otherwise, Read read) {
  const auto option = std::make_shared<CLI::Option*>();
  *option = command.add_option(
      name,
      [option, read](const CLI::results_t& words) {
        read(**option, words);
        return true;
      },
      help);
  return (*option)->type_name(type)->default_str(otherwise);
}

CLI::Option* add_list(CLI::App& command, const std::string& name, std::vector<int>& target,
                      NumberRange<int> range, const std::string& help, std::string_view limit) {
  return add(command, name, help, range_text(range) + ",...",
             fmt::format("{}", fmt::join(target, ",")),
             [&target, range, limit](const CLI::Option& option, const CLI::results_t& words) {
               target.clear();
               for (const std::string& word : words) {
                 target.push_back(read_number(option, word, range, limit));
               }
             })
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->delimiter(',');
}

}  // namespace

template <class T>
CLI::Option* add_number(CLI::App& command, const std::string& name, T& target, NumberRange<T> range,
                        const std::string& help) {
  return add(command, name, help, range_text(range), fmt::format("{}", target),
             [&target, range](const CLI::Option& option, const CLI::results_t& words) {
               target = read_number(option, words.back(), range);
             });
}

template CLI::Option* add_number(CLI::App&, const std::string&, int&, NumberRange<int>,
                                 const std::string&);
template CLI::Option* add_number(CLI::App&, const std::string&, std::int64_t&,
                                 NumberRange<std::int64_t>, const std::string&);
template CLI::Option* add_number(CLI::App&, const std::string&, std::size_t&,
                                 NumberRange<std::size_t>, const std::string&);
template CLI::Option* add_number(CLI::App&, const std::string&, double&, NumberRange<double>,
                                 const std::string&);

CLI::Option* add_numbers(CLI::App& command, const std::string& name, std::vector<int>& target,
                         NumberRange<int> range, const std::string& help) {
  return add_list(command, name, target, range, help, "");
}

CLI::Option* add_threads(CLI::App& command, const std::string& name, std::vector<int>& target,
                         const std::string& help) {
  const auto cores = static_cast<int>(allowed_cores().size());
  return add_list(command, name, target, {1, cores}, help, "the cores that this process may use");
}

CLI::Option* add_percent(CLI::App& command, const std::string& name, double& target,
                         NumberRange<double> range, const std::string& help) {
  return add(command, name, help, range_text(range, "%"), fmt::format("{}%", 100 * target),
             [&target, range](const CLI::Option& option, const CLI::results_t& words) {
               std::string_view digits = words.back();
               if (digits.ends_with('%')) {
                 digits.remove_suffix(1);
               }
               target = read_number(option, digits, range) / 100;
             });
}

}  // namespace flopmeter
