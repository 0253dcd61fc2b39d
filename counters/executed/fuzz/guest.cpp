#include "counters/executed/fuzz/guest.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <array>
#include <cstring>
#include <new>

#include "counters/executed/fuzz/isa.h"

namespace flopmeter::executed::fuzz {
namespace {

constexpr std::size_t page = 4096;
constexpr std::uint64_t far_distance = 0x7ff00000;  // just less than 2 GiB
constexpr std::size_t stack_used = 3072;            // from the lowest byte
constexpr std::size_t flags_end = offsetof(Guest, host_stack);

// Of the area that xsave writes.
constexpr std::size_t x87_addresses = 8;  // 16 bytes
constexpr std::size_t mxcsr = 24;
constexpr std::size_t vectors = 160;
constexpr std::size_t header = 512;
constexpr std::size_t header_end = 576;

std::uint8_t* map(std::uint64_t address, std::size_t bytes) {
  void* const got =
      mmap(reinterpret_cast<void*>(address), bytes, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | (address != 0 ? MAP_FIXED_NOREPLACE : 0), -1, 0);
  if (got == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::uint8_t*>(got);
}

// Four bytes as they are, or a number that arithmetic does something with.
void fill_bytes(Random& random, std::uint8_t* begin, std::size_t size) {
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t value = random.next();
    if ((value & 3U) != 0) {
      const std::array<float, 2> floats{static_cast<float>(random.below(2000)) / 8 - 100,
                                        static_cast<float>(random.below(2000)) / 64 - 3};
      std::memcpy(&value, floats.data(), sizeof value);
    }
    std::memcpy(begin + i, &value, sizeof value);
  }
}

void fill_state(Random& random, std::uint8_t* state, std::size_t size, std::uint64_t components) {
  fill_bytes(random, state, size);
  std::memset(state, 0, mxcsr);
  const auto control = static_cast<std::uint16_t>(0x37f ^ random.below(4) << 10U);
  std::memcpy(state, &control, sizeof control);
  state[3] = static_cast<std::uint8_t>(random.below(8) << 3U);  // the top of the stack
  state[4] = static_cast<std::uint8_t>(random.next());          // which of it are in use
  const std::uint32_t rounding = 0x1f80U | random.below(4) << 13U | random.below(2) << 15U;
  std::memcpy(state + mxcsr, &rounding, sizeof rounding);
  for (std::size_t i = 0; i < 8; ++i) std::memset(state + 32 + 16 * i + 10, 0, 6);
  std::memset(state + header, 0, header_end - header);
  std::memcpy(state + header, &components, sizeof components);
}

}  // namespace

Place::Place(std::uint64_t address)
    : code_(map(address, code_bytes + page)),
      far_(map(address + far_distance, page)),
      guest_(reinterpret_cast<Guest*>(map(0, sizeof(Guest)))) {
  guest_->components = has(Isa::avx512) ? 0xe7 : has(Isa::avx) ? 0x7 : 0x3;
}

Place::~Place() {
  munmap(code_, code_bytes + page);
  munmap(far_, page);
  munmap(guest_, sizeof(Guest));
}

void Place::writable() const { mprotect(code_, code_bytes, PROT_READ | PROT_WRITE); }
void Place::executable() const { mprotect(code_, code_bytes, PROT_READ | PROT_EXEC); }

void Place::fill(Random& random, const std::uint8_t* entry) const {
  fill_bytes(random, guest_->memory, sizeof guest_->memory);
  fill_bytes(random, guest_->stack, sizeof guest_->stack);
  fill_bytes(random, near(), data_bytes);
  fill_bytes(random, far(), data_bytes);
  for (std::uint64_t& one : guest_->registers)
    one = random.one_in(3) ? random.below(100) : random.next();
  guest_->registers[4] = reinterpret_cast<std::uint64_t>(guest_->stack) + stack_used;
  constexpr std::uint64_t status_and_direction = 0xcd5;
  guest_->flags = 0x202 | (random.next() & status_and_direction);
  guest_->code = reinterpret_cast<std::uint64_t>(entry);
  fill_state(random, guest_->state, sizeof guest_->state, guest_->components);
}

std::vector<std::uint8_t> Place::snapshot() const {
  std::vector<std::uint8_t> all(flags_end + sizeof guest_->state + 2 * data_bytes);
  std::uint8_t* const state = all.data() + flags_end;
  std::memcpy(all.data(), guest_, flags_end);
  std::memcpy(state, guest_->state, sizeof guest_->state);
  std::memset(state + x87_addresses, 0, 16);
  // Whether the CPU has a state in use that is all zero is its own affair: AMD's forgets it at any
  // interrupt, and the state itself is compared.
  state[header] |= static_cast<std::uint8_t>(guest_->components);
  std::memcpy(state + sizeof guest_->state, near(), data_bytes);
  std::memcpy(state + sizeof guest_->state + data_bytes, far(), data_bytes);
  return all;
}

void Place::restore(const std::vector<std::uint8_t>& snapshot) const {
  const std::uint8_t* const state = snapshot.data() + flags_end;
  std::memcpy(guest_, snapshot.data(), flags_end);
  std::memcpy(guest_->state, state, sizeof guest_->state);
  std::memcpy(near(), state + sizeof guest_->state, data_bytes);
  std::memcpy(far(), state + sizeof guest_->state + data_bytes, data_bytes);
}

std::string Place::name_of(std::size_t byte) {
  struct Part {
    std::size_t end;
    const char* name;
  };
  constexpr std::size_t state_end = flags_end + sizeof(Guest::state);
  constexpr std::array parts{
      Part{offsetof(Guest, stack), "memory"},
      Part{offsetof(Guest, registers), "stack"},
      Part{offsetof(Guest, flags), "registers"},
      Part{flags_end, "flags"},
      Part{flags_end + vectors, "x87"},
      Part{flags_end + header, "vectors"},
      Part{flags_end + header_end, "state header"},
      Part{state_end, "extended state"},
      Part{state_end + data_bytes, "near data"},
      Part{state_end + 2 * data_bytes, "far data"},
  };
  std::size_t begin = 0;
  for (const Part& part : parts) {
    if (byte < part.end) return fmt::format("{} + {}", part.name, byte - begin);
    begin = part.end;
  }
  return "nothing";
}

}  // namespace flopmeter::executed::fuzz
