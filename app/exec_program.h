// Finds the program that `flopmeter exec` is to run, and says why it could not be counted.
#pragma once

#include <string>

namespace flopmeter {

/// The file that a shell would run; throws BadInput when there is none.
std::string find_program(const std::string& name);

/// The reason for which a program is known not to work under the counter (AddressSanitizer, Java);
/// empty: nothing is known against it.
std::string why_uncountable(const std::string& path);

/// Throws BadInput with the reason when nothing can be preloaded into the program: it is linked
/// statically, of another kind of machine, takes over the rights of its file's owner, or is known
/// not to work so (AddressSanitizer, Java). Of a script, its interpreter is asked.
void require_countable(const std::string& path);

}  // namespace flopmeter
