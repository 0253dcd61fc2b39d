#include "results/record.h"

#include <array>

namespace flopmeter {
namespace {

// Left of the times: what is known before measuring. A table's columns follow this order too, so
// the status and its reason, which have no fixed length, stand right of the numbers.
constexpr std::array<RecordField, 60> record_table{{
    {"name", "", "", &Record::name},
    {"label", "", "label", &Record::label},
    {"layer", "", "layer", &Record::layer},
    {"pass", "", "pass", &Record::pass},
    {"backend", "", "backend", &Record::backend},
    {"dtype", "", "dtype", &Record::dtype},
    {"shape", "", "shape", &Record::shape},
    {"threads", "", "threads", &Record::threads},
    {"cache", "", "cache", &Record::cache},
    {"layout", "", "layout", &Record::layout},
    {"parameters", "", "", &Record::parameters},
    {"macs_dense", "MAC", "", &Record::macs_dense},
    {"macs_in_bounds", "MAC", "", &Record::macs_in_bounds},
    {"flops", "FLOP", "", &Record::flops},
    {"convention", "", "convention", &Record::convention},
    {"bytes", "byte", "", &Record::bytes},
    {"seconds", "s", "time", &Record::seconds},
    {"spread", "ratio", "spread", &Record::spread},
    {"deviation", "ratio", "", &Record::deviation},
    {"samples", "s", "", &Record::samples},
    {"calls", "", "", &Record::calls},
    {"attempts", "", "", &Record::attempts},
    {"gflops", "GFLOPS", "GFLOPS", &Record::gflops},
    {"gmacs_per_second", "GMAC/s", "GMAC/s", &Record::gmacs_per_second},
    {"gbytes_per_second", "GB/s", "GB/s", &Record::gbytes_per_second},
    {"intensity", "FLOP/byte", "FLOP/byte", &Record::intensity},
    {"peak_gflops", "GFLOPS", "", &Record::peak_gflops},
    {"peak_spread", "ratio", "", &Record::peak_spread},
    {"peak_deviation", "ratio", "", &Record::peak_deviation},
    {"peak_samples", "GFLOPS", "", &Record::peak_samples},
    {"peak_instruction", "", "", &Record::peak_instruction},
    {"percent_of_peak", "%", "% of peak", &Record::percent_of_peak},
    {"memory_level", "", "", &Record::memory_level},
    {"roof_gbytes_per_second", "GB/s", "", &Record::roof_gbytes_per_second},
    {"roof_samples", "GB/s", "", &Record::roof_samples},
    {"attainable_gflops", "GFLOPS", "", &Record::attainable_gflops},
    {"percent_of_attainable", "%", "% of roof", &Record::percent_of_attainable},
    {"overhead_seconds", "s", "", &Record::overhead_seconds},
    {"bound", "", "bound", &Record::bound},
    {"other_cores", "cores", "", &Record::other_cores},
    {"status", "", "status", &Record::status},
    {"reason", "", "reason", &Record::reason},
    {"max_error", "", "", &Record::max_error},
    {"tolerance", "", "", &Record::tolerance},
    {"implementation", "", "", &Record::implementation},
    {"command", "", "", &Record::command},
    {"executed", "", "", &Record::executed},
    {"executed_macs", "MAC", "", &Record::executed_macs},
    {"executed_macs_full", "MAC", "", &Record::executed_macs_full},
    {"executed_flops", "FLOP", "", &Record::executed_flops},
    {"executed_flops_full", "FLOP", "", &Record::executed_flops_full},
    {"executed_instructions", "", "", &Record::executed_instructions},
    {"executed_ratio", "", "", &Record::executed_ratio},
    {"executed_unexplained", "", "", &Record::executed_unexplained},
    {"fma_share", "%", "", &Record::fma_share},
    {"instructions_per_mac", "", "", &Record::instructions_per_mac},
    {"lane_use", "%", "", &Record::lane_use},
    {"retired", "", "", &Record::retired},
    {"retired_flops", "FLOP", "", &Record::retired_flops},
    {"retired_expected", "FLOP", "", &Record::retired_expected},
}};

}  // namespace

std::span<const RecordField> record_fields() { return record_table; }

}  // namespace flopmeter
