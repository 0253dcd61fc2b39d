#include "kernels/avg_pool/avg_pool.h"
#include "kernels/onednn/backend_testing.h"

namespace flopmeter::avg_pool {
namespace {

// oneDNN holds a gap against the input also where there is no second tap.
TEST(AvgPoolOnednn, TakesAnyGapOfASingleTap) {
  for (const Pass pass : {Pass::forward, Pass::backward_data}) {
    onednn::expect_agreement<Layer>(
        {parse_shape<Layer>("mb1ic1ih1iw7oh1ow3kh1kw1sh1sw3ph0pw0dh1dw0countpad0"),
         parse_shape<Layer>(
             "mb2ic2id4ih2iw12od4oh1ow4kd3kh1kw2sd1sh3sw3pd0ph0pw0dd0dh2dw2countpad0")},
        {.pass = pass}, prepare_onednn);
  }
}

}  // namespace
}  // namespace flopmeter::avg_pool
