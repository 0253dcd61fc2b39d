#include "counters/executed/fuzz/code.h"

namespace flopmeter::executed::fuzz {

bool Code::encode(ZydisEncoderRequest& request) {
  ZyanUSize length = ZYDIS_MAX_INSTRUCTION_LENGTH;
  if (!ZYAN_SUCCESS(ZydisEncoderEncodeInstructionAbsolute(&request, at_, &length, address())))
    return false;
  at_ += length;
  return true;
}

Label Code::label() {
  labels_.push_back(0);
  return static_cast<Label>(labels_.size() - 1);
}

void Code::bind(Label label) { labels_[label] = address(); }

Label Code::here() {
  const Label label_here = label();
  bind(label_here);
  return label_here;
}

void Code::relative(Label label) {
  uses_.push_back({at_, label, false});
  put(std::int32_t{0});
}

void Code::absolute(Label label) {
  uses_.push_back({at_, label, true});
  put(std::uint64_t{0});
}

void Code::finish() {
  for (const Use& use : uses_) {
    const std::uint64_t target = labels_[use.label];
    const auto distance =
        static_cast<std::int32_t>(target - (reinterpret_cast<std::uint64_t>(use.at) + 4));
    if (use.absolute)
      std::memcpy(use.at, &target, sizeof target);
    else
      std::memcpy(use.at, &distance, sizeof distance);
  }
  uses_.clear();
}

}  // namespace flopmeter::executed::fuzz
