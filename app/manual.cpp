#include "app/manual.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "kernels/bad_input.h"

namespace flopmeter {

std::vector<const CLI::App*> shown_commands(const CLI::App& program) {
  return program.get_subcommands(
      [](const CLI::App* command) { return !command->get_group().empty(); });
}

namespace {

/// As text of roff, which reads backslashes, hyphens, and dots and quotes at the start of a line.
std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool starts_line = escaped.empty() || escaped.back() == '\n';
    if (starts_line && (c == '.' || c == '\'')) {
      escaped += "\\&";
    }
    escaped += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  }
  return escaped;
}

std::string full_name(const CLI::App& app, std::string_view separator) {
  const CLI::App* const parent = app.get_parent();
  return parent == nullptr ? app.get_name()
                           : fmt::format("{}{}{}", parent->get_name(), separator, app.get_name());
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) {
    names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    names.push_back("--" + name);
  }
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional) {
  return app.get_options([&](const CLI::Option* option) {
    return option->get_positional() == positional && !option->get_group().empty();
  });
}

std::string described(const CLI::Option& option) {
  std::string text = roff(option.get_description());
  if (!option.get_default_str().empty()) {
    text += fmt::format(" (default {})", roff(option.get_default_str()));
  }
  return text;
}

std::string synopsis(const CLI::App& app) {
  std::string line = fmt::format(".B {}\n[options]", roff(full_name(app, " ")));
  for (const CLI::Option* option : options_of(app, true)) {
    const std::string name = roff(option->get_name(true));
    line += option->get_required() ? fmt::format(" \\fI{}\\fR", name)
                                   : fmt::format(" [\\fI{}\\fR]", name);
  }
  return line + (shown_commands(app).empty() ? "" : " \\fIcommand\\fR ...");
}

std::string options_section(const CLI::App& app) {
  std::string text = ".SH OPTIONS\n";
  for (const CLI::Option* option : options_of(app, true)) {
    text += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(option->get_name(true)), described(*option));
  }
  for (const CLI::Option* option : options_of(app, false)) {
    const std::string value =
        takes_value(*option) ? fmt::format(" \\fI{}\\fR", roff(option->get_type_name())) : "";
    text += fmt::format(".TP\n\\fB{}\\fR{}\n{}\n",
                        roff(fmt::format("{}", fmt::join(names_of(*option), ", "))), value,
                        described(*option));
  }
  return text;
}

std::string commands_section(const CLI::App& app) {
  std::string text;
  for (const CLI::App* command : shown_commands(app)) {
    text += fmt::format(".TP\n\\fB{}\\fR(1)\n{}\n", roff(full_name(*command, "-")),
                        roff(command->get_description()));
  }
  return text.empty() ? text : ".SH COMMANDS\n" + text;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  if (!(file << text << std::flush)) {
    bad_input("cannot write '{}'", path.string());
  }
}

}  // namespace

std::string man_page(const CLI::App& app, const std::string& version) {
  std::string upper = full_name(app, "-");
  for (char& c : upper) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  std::string page = fmt::format(
      ".TH {} 1 \"\" \"flopmeter {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}\n"
      ".SH DESCRIPTION\n{}\n",
      roff(upper), roff(version), roff(full_name(app, "-")),
      roff(first_line(app.get_description())), synopsis(app), roff(app.get_description()));
  page += commands_section(app) + options_section(app);
  if (!app.get_footer().empty()) {
    page += fmt::format(".SH EXAMPLES\n.nf\n{}\n.fi\n", roff(app.get_footer()));
  }
  return page;
}

std::string bash_completion(const CLI::App& program) {
  const auto words = [](const CLI::App& app) {
    std::vector<std::string> all;
    for (const CLI::Option* option : options_of(app, false)) {
      const auto names = names_of(*option);
      all.insert(all.end(), names.begin(), names.end());
    }
    return all;
  };
  std::vector<std::string> commands;
  std::string cases;
  for (const CLI::App* command : shown_commands(program)) {
    commands.push_back(command->get_name());
    cases += fmt::format("      {}) words='{}' ;;\n", command->get_name(),
                         fmt::join(words(*command), " "));
  }
  return fmt::format(
      "# Completion of flopmeter for bash.\n"
      "_flopmeter() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} words=''\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    words='{} {}'\n"
      "  elif [[ $word == -* ]]; then\n"
      "    case ${{COMP_WORDS[1]}} in\n{}"
      "    esac\n"
      "  fi\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
      "}}\n"
      "complete -o default -F _flopmeter flopmeter\n",
      fmt::join(commands, " "), fmt::join(words(program), " "), cases);
}

namespace {

/// Within '...' of zsh and fish, with what else is special there escaped.
std::string quoted(std::string_view text, std::string_view special, bool doubled_quote) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += doubled_quote ? "'\\''" : "\\'";
    } else if (c == '\n') {
      escaped += ' ';
    } else {
      escaped += (special.find(c) == std::string_view::npos ? "" : "\\") + std::string(1, c);
    }
  }
  return escaped;
}

std::string zsh(std::string_view text) { return quoted(text, "[]:\\", true); }
std::string fish(std::string_view text) { return quoted(text, "\\", false); }

}  // namespace

std::string zsh_completion(const CLI::App& program) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : shown_commands(program)) {
    commands += fmt::format("    '{}:{}'\n", command->get_name(), zsh(command->get_description()));
    cases += fmt::format("  {})\n    _arguments \\\n", command->get_name());
    for (const CLI::Option* option : options_of(*command, false)) {
      for (const std::string& name : names_of(*option)) {
        cases += fmt::format("      '*{}[{}]{}' \\\n", name, zsh(option->get_description()),
                             takes_value(*option) ? ":value:_files" : "");
      }
    }
    cases += "      '*:file:_files'\n    ;;\n";
  }
  return fmt::format(
      "#compdef flopmeter\n# Completion of flopmeter for zsh.\nlocal -a commands\n"
      "if ((CURRENT == 2)); then\n  commands=(\n{}  )\n  _describe command commands\n  return\nfi\n"
      "local command=$words[2]\nshift words\n((CURRENT--))\ncase $command in\n{}esac\n",
      commands, cases);
}

std::string fish_completion(const CLI::App& program) {
  std::string text = "# Completion of flopmeter for fish.\n";
  for (const CLI::App* command : shown_commands(program)) {
    text += fmt::format("complete -c flopmeter -f -n __fish_use_subcommand -a {} -d '{}'\n",
                        command->get_name(), fish(command->get_description()));
    for (const CLI::Option* option : options_of(*command, false)) {
      text += fmt::format("complete -c flopmeter -n '__fish_seen_subcommand_from {}'",
                          command->get_name());
      for (const std::string& name : option->get_snames()) {
        text += " -s " + name;
      }
      for (const std::string& name : option->get_lnames()) {
        text += " -l " + name;
      }
      text += fmt::format("{} -d '{}'\n", takes_value(*option) ? " -r" : "",
                          fish(option->get_description()));
    }
  }
  return text;
}

void write_pages(const CLI::App& program, const std::string& version, const std::string& folder) {
  const std::filesystem::path share(folder);
  const auto write_page = [&](const CLI::App& app) {
    write(share / "man/man1" / (full_name(app, "-") + ".1"), man_page(app, version));
  };
  write_page(program);
  for (const CLI::App* command : shown_commands(program)) {
    write_page(*command);
  }
  write(share / "bash-completion/completions/flopmeter", bash_completion(program));
  write(share / "zsh/site-functions/_flopmeter", zsh_completion(program));
  write(share / "fish/vendor_completions.d/flopmeter.fish", fish_completion(program));
}

}  // namespace flopmeter
