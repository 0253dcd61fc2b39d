// The instruction sets that oneDNN can be held to. It reads the limit once a process.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter {

/// The names for --isa, which in capitals are those of DNNL_MAX_CPU_ISA; narrowest first. Empty in
/// a build without oneDNN.
std::vector<std::string_view> onednn_isas();

/// Throws BadInput naming the accepted ones; BadInput with the reason in a build without oneDNN.
std::string_view parse_onednn_isa(std::string_view name);

/// What this process may use: the limit or, where the CPU has less, what that has. A number in hex
/// where oneDNN knows one that is not above.
std::string effective_onednn_isa();

/// Each variable by which oneDNN learns the limit, as "NAME=VALUE". The newer name goes before.
std::vector<std::string> onednn_isa_limit(std::string_view isa);

}  // namespace flopmeter
