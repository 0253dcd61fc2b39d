#include "counters/executed/fuzz/generator.h"

#include "counters/executed/arithmetic/mnemonics.h"

namespace flopmeter::executed::fuzz {
namespace {

struct Choice {
  ZydisMnemonic mnemonic;
  const Form* form;
};

// What this CPU can run.
const std::vector<Choice>& choices() {
  static const std::vector<Choice> all = [] {
    std::vector<Choice> result;
    for (const Form& form : forms())
      if (has(form.isa))
        for_each_mnemonic(form.mnemonics, [&](std::string_view word) {
          result.push_back({find_mnemonic(word), &form});
        });
    return result;
  }();
  return all;
}

std::uint16_t pick_width(Random& random, std::uint16_t widths) {
  if (widths == 0) return 0;
  std::uint16_t width = 0;
  while (width == 0) width = widths & static_cast<std::uint16_t>(1U << random.below(10));
  return width;
}

}  // namespace

Generator::Generator(std::uint64_t seed, const Place& place, std::uint8_t* code, bool stepped)
    : random_(seed), place_(place), code_(code), stepped_(stepped) {}

std::uint8_t* Generator::sequence() {
  items(4 + random_.below(12));
  code_.bytes(0xc3);
  subroutines();
  tables();
  code_.finish();
  return reinterpret_cast<std::uint8_t*>(code_.address());
}

void Generator::items(std::uint32_t count) {
  ++depth_;
  for (std::uint32_t i = 0; i < count; ++i) item();
  --depth_;
}

void Generator::item() {
  static constexpr std::array<Composite, 17> composites{
      &Generator::push_and_pop,   &Generator::flags,
      &Generator::forward,        &Generator::forward_by_count,
      &Generator::loop,           &Generator::loop_by_count,
      &Generator::call,           &Generator::call_indirect,
      &Generator::jump_table,     &Generator::jump_by_return,
      &Generator::strings,        &Generator::divide,
      &Generator::gather,         &Generator::thread_local_read,
      &Generator::system_call,    &Generator::identify,
      &Generator::narrow_address,
  };
  constexpr std::uint32_t deepest = 3;
  if (depth_ <= deepest && random_.one_in(4))
    (this->*random_.pick(composites))();
  else
    simple();
}

void Generator::simple() {
  const Choice* choice = nullptr;
  do choice = &random_.pick(choices());
  while (!form(choice->mnemonic, *choice->form));
}

bool Generator::form(ZydisMnemonic mnemonic, const Form& form) {
  const std::uint16_t width = pick_width(random_, form.widths);
  const bool wide = (form.extra & evex) != 0;
  ZydisEncoderRequest request{};
  request.machine_mode = ZYDIS_MACHINE_MODE_LONG_64;
  request.mnemonic = mnemonic;
  if (wide) request.allowed_encodings = ZYDIS_ENCODABLE_ENCODING_EVEX;
  if ((form.extra & locked) != 0) request.prefixes = ZYDIS_ATTRIB_HAS_LOCK;
  for_each_mnemonic(form.operands, [&](std::string_view word) {
    request.operands[request.operand_count++] = operand(word, width, form);
    if (!wide || (form.extra & no_mask) != 0 || request.operand_count != 1) return;
    const ZydisEncoderOperand write_mask = mask();
    request.operands[request.operand_count++] = write_mask;
    request.evex.zeroing_mask = write_mask.reg.value != ZYDIS_REGISTER_K0 &&
                                        (form.extra & no_zeroing) == 0 && random_.one_in(2)
                                    ? ZYAN_TRUE
                                    : ZYAN_FALSE;
  });
  return code_.encode(request);
}

}  // namespace flopmeter::executed::fuzz
