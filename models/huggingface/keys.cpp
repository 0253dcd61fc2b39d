#include "models/huggingface/keys.h"

#include "kernels/bad_input.h"

namespace flopmeter::huggingface {

const Json* find_key(const Json& config, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = config.find(name);
    if (found != config.end() && !found->is_null()) {
      return &*found;
    }
  }
  return nullptr;
}

std::int64_t number(const Json& config, std::initializer_list<const char*> names,
                    std::int64_t otherwise) {
  const Json* found = find_key(config, names);
  if (found == nullptr) {
    return otherwise;
  }
  if (!found->is_number_integer() || found->get<std::int64_t>() < 0) {
    bad_input("config.json: '{}' is {}, not a size", *names.begin(), found->dump().substr(0, 60));
  }
  return found->get<std::int64_t>();
}

bool flag(const Json& config, std::initializer_list<const char*> names, bool otherwise) {
  const Json* found = find_key(config, names);
  return found == nullptr || !found->is_boolean() ? otherwise : found->get<bool>();
}

double real(const Json& config, const char* name) {
  const Json* found = find_key(config, {name});
  return found == nullptr || !found->is_number() ? 0 : found->get<double>();
}

std::string text(const Json& config, std::initializer_list<const char*> names) {
  const Json* found = find_key(config, names);
  return found == nullptr || !found->is_string() ? "" : found->get<std::string>();
}

}  // namespace flopmeter::huggingface
