// Man pages and completions, from what --help is made of.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace flopmeter {

/// A page in roff: `app` is the program, or one of its subcommands with the program as its parent.
std::string man_page(const CLI::App& app, const std::string& version);

/// Commands, their options, and file names where an option takes a value.
std::string bash_completion(const CLI::App& program);
std::string zsh_completion(const CLI::App& program);
std::string fish_completion(const CLI::App& program);

/// The subcommands that --help shows.
std::vector<const CLI::App*> shown_commands(const CLI::App& program);

/// Writes all of them below `folder`, which stands for share/: man/man1/flopmeter-bench.1,
/// bash-completion/completions/flopmeter, ... Throws BadInput for what cannot be written.
void write_pages(const CLI::App& program, const std::string& version, const std::string& folder);

/// The subcommand that does so, for the build and packages; --help does not show it.
void add_pages(CLI::App& app, int& exit_code);

}  // namespace flopmeter
