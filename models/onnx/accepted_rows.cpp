#include <array>

#include "models/onnx/accepted.h"
#include "models/onnx/operator.h"

namespace flopmeter::onnx {
namespace {

constexpr std::size_t any_number = 1'000'000;

/// Opsets 1 to 25 together: an operator that changed takes what any version of it has.
constexpr std::array accepted_rows{
    // Functions of one tensor.
    Accepted{"", "Abs Ceil Exp Floor Log Neg Reciprocal Relu Sigmoid Sqrt Tanh", 1,
             "consumed_inputs"},
    Accepted{"",
             "Acos Acosh Asin Asinh Atan Atanh BitwiseNot Cos Cosh Det DynamicQuantizeLinear Erf "
             "GlobalAveragePool GlobalMaxPool HardSwish Identity IsNaN Mish NonZero Not "
             "OptionalGetElement OptionalHasElement Round Sign Sin Sinh Size Softplus Softsign Tan",
             1, ""},
    Accepted{"", "LeakyRelu Elu", 1, "alpha consumed_inputs"},
    Accepted{"", "Celu Swish ThresholdedRelu", 1, "alpha"},
    Accepted{"", "Selu", 1, "alpha consumed_inputs gamma"},
    Accepted{"", "HardSigmoid", 1, "alpha beta consumed_inputs"},
    Accepted{"", "Gelu", 1, "approximate=none|tanh"},
    Accepted{"", "Shrink", 1, "bias lambd"},
    Accepted{"", "IsInf", 1, "detect_negative detect_positive"},
    Accepted{"", "Cast", 1, "round_mode saturate to"},
    Accepted{"", "CastLike", 2, "round_mode saturate"},
    Accepted{"", "Clip", 3, "consumed_inputs max min"},
    Accepted{"", "Dropout", 3, "consumed_inputs is_test=0|1 ratio seed"},
    Accepted{"", "Affine", 1, "alpha beta"},
    Accepted{"", "ImageScaler", 1, "bias scale"},
    Accepted{"", "Crop", 1, "border scale"},
    // Functions of several.
    Accepted{"", "Add Div Mul Sub", 2, "axis broadcast consumed_inputs"},
    Accepted{"", "And Equal Greater Less Or Pow Xor", 2, "axis broadcast"},
    Accepted{"", "BitwiseAnd BitwiseOr BitwiseXor Expand GreaterOrEqual LessOrEqual MatMul", 2, ""},
    Accepted{"", "BitShift", 2, "direction=LEFT|RIGHT"},
    Accepted{"", "Mod", 2, "fmod=0|1"},
    Accepted{"", "PRelu", 2, "consumed_inputs"},
    Accepted{"", "Where", 3, ""},
    Accepted{"", "Max Mean Min Sum", any_number, "consumed_inputs"},
    // Products and convolutions.
    Accepted{"", "Gemm", 3, "alpha beta broadcast transA transB"},
    Accepted{"", "Einsum", any_number, "equation"},
    Accepted{"", "MatMulInteger", 4, ""},
    Accepted{"", "QLinearMatMul", 8, ""},
    Accepted{"", "Conv", 3, "auto_pad dilations group kernel_shape pads strides"},
    Accepted{"", "ConvInteger", 4, "auto_pad dilations group kernel_shape pads strides"},
    Accepted{"", "QLinearConv", 9, "auto_pad dilations group kernel_shape pads strides"},
    Accepted{"", "ConvTranspose", 3,
             "auto_pad dilations group kernel_shape output_padding output_shape pads strides"},
    Accepted{"", "DeformConv", 5, "dilations group kernel_shape offset_group pads strides"},
    // Pooling.
    Accepted{"", "MaxPool", 1,
             "auto_pad ceil_mode=0|1 dilations kernel_shape pads storage_order=0|1 strides"},
    Accepted{"", "AveragePool", 1,
             "auto_pad ceil_mode=0|1 count_include_pad=0|1 dilations kernel_shape pads strides"},
    Accepted{"", "LpPool", 1, "auto_pad ceil_mode=0|1 dilations kernel_shape p pads strides"},
    Accepted{"", "GlobalLpPool", 1, "p"},
    Accepted{"", "MaxUnpool", 3, "kernel_shape pads strides"},
    Accepted{
        "", "RoiAlign", 3,
        "coordinate_transformation_mode=half_pixel|output_half_pixel mode=avg|max output_height "
        "output_width sampling_ratio "
        "spatial_scale"},
    Accepted{"", "MaxRoiPool", 2, "pooled_shape spatial_scale"},
    // Norms.
    Accepted{"", "BatchNormalization", 5,
             "consumed_inputs epsilon is_test=0|1 momentum spatial=1 training_mode=0|1"},
    Accepted{"", "InstanceNormalization", 3, "consumed_inputs epsilon"},
    Accepted{"", "GroupNormalization", 3, "epsilon num_groups stash_type"},
    Accepted{"", "LayerNormalization SimplifiedLayerNormalization", 3, "axis epsilon stash_type"},
    Accepted{"", "RMSNormalization", 2, "axis epsilon stash_type"},
    Accepted{"", "Hardmax LogSoftmax Softmax", 1, "axis"},
    Accepted{"", "LRN", 1, "alpha beta bias size"},
    Accepted{"", "LpNormalization", 1, "axis p=1|2"},
    Accepted{"", "MeanVarianceNormalization", 1, "axes"},
    // Reductions and scans.
    Accepted{"",
             "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin "
             "ReduceProd ReduceSum ReduceSumSquare",
             2, "axes keepdims=0|1 noop_with_empty_axes=0|1"},
    Accepted{"", "ArgMax ArgMin", 1, "axis keepdims=0|1 select_last_index=0|1"},
    Accepted{"", "CumSum CumProd", 2, "exclusive=0|1 reverse=0|1"},
    // Shapes and places.
    Accepted{"", "Shape", 1, "end start"},
    Accepted{"", "Reshape", 2, "allowzero=0|1 consumed_inputs shape"},
    Accepted{"", "Flatten", 1, "axis"},
    Accepted{"", "Squeeze Unsqueeze", 2, "axes"},
    Accepted{"", "Transpose", 1, "perm"},
    Accepted{"", "Tile", 3, ""},
    Accepted{"", "DepthToSpace", 1, "blocksize mode=DCR|CRD"},
    Accepted{"", "SpaceToDepth", 1, "blocksize"},
    Accepted{"", "ReverseSequence", 2, "batch_axis time_axis"},
    Accepted{"", "Trilu", 2, "upper=0|1"},
    Accepted{"", "Gather GatherElements", 2, "axis"},
    Accepted{"", "GatherND", 2, "batch_dims"},
    Accepted{"", "Scatter", 3, "axis"},
    Accepted{"", "ScatterElements", 3, "axis reduction=none|add|mul|max|min"},
    Accepted{"", "ScatterND", 3, "reduction=none|add|mul|max|min"},
    Accepted{"", "TensorScatter", 3, "axis mode=linear|circular"},
    Accepted{"", "Concat", any_number, "axis"},
    Accepted{"", "Slice", 5, "axes ends starts"},
    Accepted{"", "Split", 2, "axis num_outputs split"},
    Accepted{"", "Pad", 4, "mode=constant|reflect|edge|wrap paddings pads value"},
    Accepted{"", "Compress", 2, "axis"},
    // Out of nothing.
    Accepted{"", "Constant", 0,
             "sparse_value value value_float value_floats value_int value_ints value_string "
             "value_strings"},
    Accepted{"", "ConstantOfShape", 1, "value"},
    Accepted{"", "Range", 3, "stash_type"},
    Accepted{"", "EyeLike", 1, "dtype k"},
    Accepted{"", "OneHot", 3, "axis"},
    Accepted{"", "RandomNormal", 0, "dtype mean scale seed shape"},
    Accepted{"", "RandomNormalLike", 1, "dtype mean scale seed"},
    Accepted{"", "RandomUniform", 0, "dtype high low seed shape"},
    Accepted{"", "RandomUniformLike", 1, "dtype high low seed"},
    Accepted{"", "Bernoulli", 1, "dtype seed"},
    Accepted{"", "Multinomial", 1, "dtype sample_size seed"},
    Accepted{"", "BlackmanWindow HammingWindow HannWindow", 1, "output_datatype periodic"},
    Accepted{"", "MelWeightMatrix", 5, "output_datatype"},
    // Recurrent. The other half of a coupled LSTM's gates does not exist.
    Accepted{
        "", "GRU RNN", 6,
        "activation_alpha activation_beta activations clip "
        "direction=forward|reverse|bidirectional hidden_size layout=0|1 linear_before_reset=0|1 "
        "output_sequence"},
    Accepted{"", "LSTM", 8,
             "activation_alpha activation_beta activations clip "
             "direction=forward|reverse|bidirectional hidden_size input_forget=0 layout=0|1 "
             "output_sequence"},
    // Images.
    Accepted{"", "Resize", 4,
             "antialias=0 axes "
             "coordinate_transformation_mode=half_pixel|half_pixel_symmetric|pytorch_half_pixel|"
             "align_corners|asymmetric|tf_half_pixel_for_nn|tf_crop_and_resize "
             "cubic_coeff_a exclude_outside=0|1 extrapolation_value "
             "keep_aspect_ratio_policy=stretch|not_larger|not_smaller mode=nearest|linear|cubic "
             "nearest_mode"},
    Accepted{"", "Upsample", 2, "height_scale mode=nearest|linear|bilinear scales width_scale"},
    Accepted{"", "GridSample", 2, "align_corners mode padding_mode"},
    Accepted{"", "AffineGrid", 2, "align_corners"},
    Accepted{"", "CenterCropPad", 2, "axes"},
    Accepted{"", "Col2Im", 3, "dilations pads strides"},
    // Numbers of few bits.
    Accepted{"", "DequantizeLinear QuantizeLinear", 3,
             "axis block_size output_dtype precision saturate"},
    // Attention.
    Accepted{"", "Attention", 7,
             "is_causal=0|1 kv_num_heads q_num_heads qk_matmul_output_mode scale softcap "
             "softmax_precision"},
    Accepted{"", "RotaryEmbedding", 4, "interleaved=0|1 num_heads rotary_embedding_dim"},
    // Others.
    Accepted{"", "TopK", 2, "axis k largest sorted"},
    Accepted{"", "Unique", 1, "axis sorted"},
    Accepted{"", "NonMaxSuppression", 5, "center_point_box"},
    Accepted{"", "DFT", 3, "axis inverse=0|1 onesided=0|1"},
    Accepted{"", "STFT", 4, "onesided=0|1"},
    Accepted{"", "NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss", 3,
             "ignore_index reduction=none|sum|mean"},
    // ONNX Runtime's: functions.
    Accepted{microsoft, "Gelu", 1, ""},
    Accepted{microsoft, "BiasGelu FastGelu", 2, ""},
    Accepted{microsoft, "BiasAdd", 3, ""},
    Accepted{microsoft, "BiasSplitGelu", 2, ""},
    Accepted{microsoft, "QuickGelu", 1, "alpha"},
    Accepted{microsoft, "QLinearSigmoid", 5, ""},
    Accepted{microsoft, "QLinearLeakyRelu", 5, "alpha"},
    Accepted{microsoft, "QLinearAdd QLinearMul", 8, ""},
    Accepted{microsoft, "QLinearConcat", any_number, "axis"},
    Accepted{microsoft, "QLinearSoftmax", 5, "axis opset"},
    Accepted{microsoft, "Pad", 4, "mode=constant|reflect|edge|wrap"},
    Accepted{microsoft, "DequantizeLinear QuantizeLinear", 3, "axis block_size"},
    // ... products and convolutions.
    Accepted{microsoft, "FusedMatMul TransposeMatMul", 2,
             "alpha transA transB transBatchA=0|1 transBatchB=0|1"},
    Accepted{microsoft, "FusedGemm", 3,
             "activation activation_alpha activation_beta activation_gamma alpha beta transA "
             "transB"},
    Accepted{microsoft, "GemmFastGelu", 3, ""},
    Accepted{microsoft, "QGemm", 9, "alpha transA transB"},
    Accepted{microsoft, "MatMulIntegerToFloat", 7, ""},
    Accepted{microsoft, "DynamicQuantizeMatMul", 5, ""},
    Accepted{microsoft, "MatMulNBits", 6, "K N accuracy_level bits=4|8 block_size"},
    Accepted{microsoft, "MatMulBnb4", 3, "K N block_size quant_type=0|1 training_mode transB=1"},
    Accepted{microsoft, "FusedConv NhwcFusedConv", 4,
             "activation activation_params auto_pad dilations group kernel_shape pads strides"},
    Accepted{microsoft, "QLinearConv", 9,
             "auto_pad channels_last=0|1 dilations group kernel_shape pads strides"},
    Accepted{microsoft, "NhwcConv", 3, "auto_pad dilations group kernel_shape pads strides"},
    Accepted{microsoft, "MoE", 8,
             "activation_alpha activation_beta activation_type=relu|gelu|silu|swiglu|identity k "
             "normalize_routing_weights=0|1 swiglu_fusion=0|1|2 swiglu_limit use_sparse_mixer=0"},
    Accepted{microsoft, "QMoE", 14,
             "activation_alpha activation_beta activation_type=relu|gelu|silu|swiglu|identity "
             "block_size expert_weight_bits=4|8 k normalize_routing_weights=0|1 quant_type=int "
             "swiglu_fusion=0|1|2 swiglu_limit use_sparse_mixer=0"},
    Accepted{microsoft, "GatherBlockQuantized", 4, "bits=4|8 block_size gather_axis quantize_axis"},
    // ... pooling and norms.
    Accepted{microsoft, "NhwcMaxPool", 1,
             "auto_pad ceil_mode=0|1 dilations kernel_shape pads strides"},
    Accepted{
        microsoft, "QLinearAveragePool", 5,
        "auto_pad ceil_mode=0|1 channels_last=0|1 count_include_pad=0|1 dilations kernel_shape "
        "pads strides"},
    Accepted{microsoft, "QLinearGlobalAveragePool", 5, "channels_last=0|1"},
    Accepted{microsoft, "GroupNorm", 3, "activation=0|1 channels_last=0|1 epsilon groups"},
    Accepted{microsoft, "SkipGroupNorm", 5, "activation=0|1 channels_last=0|1 epsilon groups"},
    Accepted{microsoft, "SimplifiedLayerNormalization", 3, "axis epsilon stash_type"},
    Accepted{microsoft, "SkipLayerNormalization", 5, "epsilon"},
    Accepted{microsoft, "SkipSimplifiedLayerNormalization", 4, "epsilon"},
    Accepted{microsoft, "EmbedLayerNormalization", 9, "epsilon mask_index_type"},
    // ... attention.
    Accepted{microsoft, "Attention", 7,
             "do_rotary=0|1 mask_filter_value num_heads past_present_share_buffer=0 "
             "qkv_hidden_sizes rotary_embedding_dim scale unidirectional=0|1"},
    Accepted{microsoft, "QAttention", 9,
             "do_rotary=0 mask_filter_value num_heads past_present_share_buffer=0 scale "
             "unidirectional=0|1"},
    Accepted{microsoft, "MultiHeadAttention", 10,
             "mask_filter_value num_heads scale unidirectional=0|1"},
    Accepted{microsoft, "GroupQueryAttention", 12,
             "do_rotary=0|1 k_quant_type=NONE kv_cache_bit_width=0 kv_num_heads local_window_size "
             "num_heads qk_output=0 rotary_interleaved=0|1 scale smooth_softmax=0|1 softcap "
             "v_quant_type=NONE"},
    Accepted{microsoft, "RotaryEmbedding", 4,
             "interleaved=0|1 is_packed_batching=0 num_heads rotary_embedding_dim scale=1"},
    Accepted{microsoft, "DynamicQuantizeLSTM", 12,
             "activation_alpha activation_beta activations clip "
             "direction=forward|reverse|bidirectional hidden_size input_forget=0"},
    // ... in its blocked layout.
    Accepted{nchwc, "Conv", 4,
             "activation activation_params auto_pad dilations group kernel_shape pads strides"},
    Accepted{nchwc, "MaxPool", 1,
             "auto_pad ceil_mode=0|1 dilations kernel_shape pads storage_order=0|1 strides"},
    Accepted{nchwc, "AveragePool", 1,
             "auto_pad ceil_mode=0|1 count_include_pad=0|1 dilations kernel_shape pads strides"},
    Accepted{nchwc, "GlobalAveragePool GlobalMaxPool", 1, ""},
    Accepted{nchwc, "Upsample", 1,
             "coordinate_transformation_mode=asymmetric|half_pixel|align_corners "
             "mode=nearest|linear scales"},
    Accepted{nchwc, "ReorderInput", 1, "channels_last"},
    Accepted{nchwc, "ReorderOutput", 1, "channels channels_last"},
    // Of classic learning.
    Accepted{learning, "Scaler", 1, "offset scale"},
    Accepted{learning, "Imputer", 1,
             "imputed_value_floats imputed_value_int64s replaced_value_float "
             "replaced_value_int64"},
    Accepted{learning, "ArrayFeatureExtractor", 2, ""},
    Accepted{learning, "FeatureVectorizer", any_number, "inputdimensions"},
    Accepted{learning, "LinearRegressor", 1, "coefficients intercepts post_transform targets"},
    Accepted{learning, "LinearClassifier", 1,
             "classlabels_ints classlabels_strings coefficients intercepts multi_class "
             "post_transform"},
    Accepted{learning, "TreeEnsembleRegressor", 1,
             "aggregate_function base_values base_values_as_tensor n_targets nodes_falsenodeids "
             "nodes_featureids nodes_hitrates nodes_hitrates_as_tensor "
             "nodes_missing_value_tracks_true nodes_modes nodes_nodeids nodes_treeids "
             "nodes_truenodeids nodes_values nodes_values_as_tensor post_transform target_ids "
             "target_nodeids target_treeids target_weights target_weights_as_tensor"},
    Accepted{learning, "TreeEnsembleClassifier", 1,
             "base_values base_values_as_tensor class_ids class_nodeids class_treeids "
             "class_weights class_weights_as_tensor classlabels_int64s classlabels_strings "
             "nodes_falsenodeids nodes_featureids nodes_hitrates nodes_hitrates_as_tensor "
             "nodes_missing_value_tracks_true nodes_modes nodes_nodeids nodes_treeids "
             "nodes_truenodeids nodes_values nodes_values_as_tensor post_transform"},
};

}  // namespace

std::span<const Accepted> accepted_table() { return accepted_rows; }

}  // namespace flopmeter::onnx
