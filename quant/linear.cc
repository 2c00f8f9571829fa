// Shapes of linear layers, and their sums of products by BLAS.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/linear.h"

#include <cblas.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "fewbit/quant/direct_products.h"
#include "fewbit/quant/wide_vectors.h"

namespace fewbit::quant {
namespace {

/// Of one image and output channel: what is summed, whatever the weights.
constexpr std::int64_t kMostProducts = std::int64_t{1} << 31;
/// More are not unfolded at a time (64 MiB of binary32) where the rows of the result can be parted.
constexpr std::int64_t kMostUnfolded = std::int64_t{1} << 24;

void multiply(CBLAS_TRANSPOSE left_order, CBLAS_TRANSPOSE right_order, std::int64_t rows,
              std::int64_t columns, std::int64_t terms, const float* left, std::int64_t left_stride,
              const float* right, std::int64_t right_stride, float* out, std::int64_t out_stride) {
  cblas_sgemm(CblasRowMajor, left_order, right_order, static_cast<int>(rows),
              static_cast<int>(columns), static_cast<int>(terms), 1.0F, left,
              static_cast<int>(left_stride), right, static_cast<int>(right_stride), 0.0F, out,
              static_cast<int>(out_stride));
}

void multiply(CBLAS_TRANSPOSE left_order, CBLAS_TRANSPOSE right_order, std::int64_t rows,
              std::int64_t columns, std::int64_t terms, const double* left,
              std::int64_t left_stride, const double* right, std::int64_t right_stride, double* out,
              std::int64_t out_stride) {
  cblas_dgemm(CblasRowMajor, left_order, right_order, static_cast<int>(rows),
              static_cast<int>(columns), static_cast<int>(terms), 1.0, left,
              static_cast<int>(left_stride), right, static_cast<int>(right_stride), 0.0, out,
              static_cast<int>(out_stride));
}

/// Output places o whose input o x stride + offset lies inside 0 .. input - 1: first and end.
std::pair<std::int64_t, std::int64_t> inside(const WindowAxis& axis, std::int64_t offset) {
  const std::int64_t first = offset >= 0 ? 0 : (-offset + axis.stride - 1) / axis.stride;
  const std::int64_t room = axis.input - 1 - offset;
  const std::int64_t end = room < 0 ? 0 : room / axis.stride + 1;
  return {std::min(first, axis.output), std::clamp(end, first, std::max(first, axis.output))};
}

/// Calls visit(kernel place, output row, first column, end column, input offset of column 0) for
/// every run of outputs that one element of the kernel touches in one row of the image.
template <typename Visit>
void for_each_run(const Window& window, Visit visit) {
  const auto& [y, x] = window;
  for (std::int64_t ky = 0; ky < y.kernel; ++ky) {
    const std::int64_t row_offset = ky * y.dilation - y.pad_begin;
    const auto [first_row, end_row] = inside(y, row_offset);
    for (std::int64_t kx = 0; kx < x.kernel; ++kx) {
      const std::int64_t column_offset = kx * x.dilation - x.pad_begin;
      const auto [first, end] = inside(x, column_offset);
      for (std::int64_t row = first_row; row < end_row; ++row) {
        visit(ky * x.kernel + kx, row, first, end,
              (row * y.stride + row_offset) * x.input + column_offset);
      }
    }
  }
}

/// The images of one group as a matrix [terms, output places]. What lies outside the image is left
/// as it is: zero in a new matrix.
template <typename T>
void unfold(const Window& window, std::int64_t channels, const T* image, std::vector<T>& matrix) {
  const std::int64_t kernel = window[0].kernel * window[1].kernel;
  const std::int64_t places = window[0].output * window[1].output;
  const std::int64_t pixels = window[0].input * window[1].input;
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    T* const to = matrix.data() + channel * kernel * places;
    const T* const from = image + channel * pixels;
    for_each_run(window, [&](std::int64_t place, std::int64_t row, std::int64_t first,
                             std::int64_t end, std::int64_t offset) {
      T* const line = to + place * places + row * window[1].output;
      for (std::int64_t column = first; column < end; ++column) {
        line[column] = from[offset + column * window[1].stride];
      }
    });
  }
}

/// to[i] += the sum of kTaps neighbours from `from[i]` on, by `weights`.
template <std::int64_t kTaps, typename T>
[[gnu::always_inline]] inline void add_neighbours(const T* from, const T* weights,
                                                  std::int64_t count, T* to) {
  for (std::int64_t i = 0; i < count; ++i) {
    T sum = weights[0] * from[i];
    for (std::int64_t tap = 1; tap < kTaps; ++tap) sum += weights[tap] * from[i + tap];
    to[i] += sum;
  }
}
/// `taps` 1 or 3.
FEWBIT_WIDE_VECTORS void add_taps(std::int64_t taps, const float* from, const float* weights,
                                  std::int64_t count, float* to) {
  taps == 3 ? add_neighbours<3>(from, weights, count, to)
            : add_neighbours<1>(from, weights, count, to);
}
FEWBIT_WIDE_VECTORS void add_taps(std::int64_t taps, const double* from, const double* weights,
                                  std::int64_t count, double* to) {
  taps == 3 ? add_neighbours<3>(from, weights, count, to)
            : add_neighbours<1>(from, weights, count, to);
}

/// Filters of one input and one output channel: a matrix product would have a single row. The
/// padded image is laid out by phases: pixel (row, column) in plane (row % stride, column % stride)
/// at (row / stride, column / stride). Then each element of the kernel meets all its pixels in one
/// run, of which what lies between the rows is not used.
template <typename T>
class ChannelFilter {
 public:
  explicit ChannelFilter(const Window& window)
      : y_(window[0]),
        x_(window[1]),
        width_(places(x_)),
        plane_(places(y_) * width_),
        planes_(static_cast<std::size_t>(elements(window))),
        sums_(static_cast<std::size_t>((y_.output - 1) * width_ + x_.output)) {}

  /// Of the padded image.
  static std::int64_t elements(const Window& window) {
    const auto& [y, x] = window;
    return y.stride * places(y) * x.stride * places(x);
  }

  void apply(const T* image, const T* weights, T* out) {
    for (std::int64_t row = 0; row < y_.input; ++row) {
      for (std::int64_t first = 0; first < std::min(x_.stride, x_.input); ++first) {
        T* to = planes_.data() + place(row + y_.pad_begin, first + x_.pad_begin);
        const T* const from = image + row * x_.input;
        for (std::int64_t column = first; column < x_.input; column += x_.stride) {
          *to++ = from[column];
        }
      }
    }
    std::fill(sums_.begin(), sums_.end(), T{0});
    const auto length = static_cast<std::int64_t>(sums_.size());
    const bool neighbours = x_.kernel == 3 && x_.dilation == 1 && x_.stride == 1;
    const std::int64_t taps = neighbours ? 3 : 1;  // that are read side by side
    for (std::int64_t ky = 0; ky < y_.kernel; ++ky) {
      for (std::int64_t kx = 0; kx < x_.kernel; kx += taps) {
        add_taps(taps, planes_.data() + place(ky * y_.dilation, kx * x_.dilation),
                 weights + ky * x_.kernel + kx, length, sums_.data());
      }
    }
    for (std::int64_t row = 0; row < y_.output; ++row) {
      std::copy_n(sums_.data() + row * width_, x_.output, out + row * x_.output);
    }
  }

 private:
  /// In one phase of the padded image. ceil_mode may let the last window reach behind the padding.
  static std::int64_t places(const WindowAxis& axis) {
    const std::int64_t reached =
        (axis.output - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
    const std::int64_t padded = axis.pad_begin + axis.input + axis.pad_end;
    return (std::max(reached, padded) + axis.stride - 1) / axis.stride;
  }
  [[nodiscard]] std::size_t place(std::int64_t row, std::int64_t column) const {
    const std::int64_t phase = row % y_.stride * x_.stride + column % x_.stride;
    return static_cast<std::size_t>(phase * plane_ + row / y_.stride * width_ + column / x_.stride);
  }

  WindowAxis y_, x_;
  std::int64_t width_, plane_;  // of a phase
  std::vector<T> planes_;       // what is around the image stays zero
  std::vector<T> sums_;
};

/// One input and one output channel in every group: ChannelFilter needs no unfolded image.
bool is_one_channel(const ConvolutionShape& shape) {
  return shape.channels == shape.groups && shape.outputs == shape.groups;
}

/// Elements of the matrix that unfold() makes of one group.
std::int64_t unfolded_elements(const ConvolutionShape& shape) {
  return shape.terms() * shape.window[0].output * shape.window[1].output;
}

/// The part of a window that makes `count` rows of the result from `first` on.
Window rows_of(Window window, std::int64_t first, std::int64_t count) {
  window[0].pad_begin -= first * window[0].stride;
  window[0].output = count;
  return window;
}

bool needs_no_unfolding(const Window& window) {
  return std::all_of(window.begin(), window.end(), [](const WindowAxis& axis) {
    return axis.kernel == 1 && axis.stride == 1 && axis.pad_begin == 0 && axis.pad_end == 0;
  });
}

template <typename T>
void convolve(const ConvolutionShape& shape, const T* images, const T* weights, T* out) {
  const std::int64_t channels = shape.channels / shape.groups;
  const std::int64_t outputs = shape.outputs / shape.groups;
  const std::int64_t pixels = shape.window[0].input * shape.window[1].input;
  const std::int64_t places = shape.window[0].output * shape.window[1].output;
  const std::int64_t terms = shape.terms();
  const bool direct = is_one_channel(shape);
  const bool plain = needs_no_unfolding(shape.window);
  const std::int64_t width = shape.window[1].output;
  // Rows of the result that are unfolded at a time.
  const std::int64_t rows =
      std::clamp<std::int64_t>(kMostUnfolded / (terms * width), 1, shape.window[0].output);
  std::vector<T> matrix(direct || plain ? 0 : static_cast<std::size_t>(terms * rows * width));
  std::optional<ChannelFilter<T>> filter;
  if (direct) filter.emplace(shape.window);
  for (std::int64_t image = 0; image < shape.batch; ++image) {
    for (std::int64_t group = 0; group < shape.groups; ++group) {
      const T* const from = images + (image * shape.channels + group * channels) * pixels;
      const T* const by = weights + group * outputs * terms;
      T* const to = out + (image * shape.outputs + group * outputs) * places;
      if (filter) {
        filter->apply(from, by, to);
        continue;
      }
      if (plain) {
        multiply(CblasNoTrans, CblasNoTrans, outputs, places, terms, by, terms, from, places, to,
                 places);
        continue;
      }
      for (std::int64_t row = 0; row < shape.window[0].output; row += rows) {
        const std::int64_t count = std::min(rows, shape.window[0].output - row);
        if (count < shape.window[0].output) std::fill(matrix.begin(), matrix.end(), T{0});
        unfold(rows_of(shape.window, row, count), channels, from, matrix);
        multiply(CblasNoTrans, CblasNoTrans, outputs, count * width, terms, by, terms,
                 matrix.data(), count * width, to + row * width, places);
      }
    }
  }
}

template <typename T>
void multiply_matrices(const MatrixShape& shape, const T* left, const T* right, T* out) {
  const CBLAS_TRANSPOSE left_order = shape.left_transposed ? CblasTrans : CblasNoTrans;
  const CBLAS_TRANSPOSE right_order = shape.right_transposed ? CblasTrans : CblasNoTrans;
  for (std::size_t i = 0; i < shape.left_matrices.size(); ++i) {
    multiply(left_order, right_order, shape.rows, shape.columns, shape.terms,
             left + shape.left_matrices[i] * shape.rows * shape.terms,
             shape.left_transposed ? shape.rows : shape.terms,
             right + shape.right_matrices[i] * shape.terms * shape.columns,
             shape.right_transposed ? shape.terms : shape.columns,
             out + static_cast<std::int64_t>(i) * shape.rows * shape.columns, shape.columns);
  }
}

Result<LinearCall> convolution_call(const Node& node, const Tensor& left, const Tensor& right) {
  const std::int64_t groups = node.integer("group", 1);
  if (left.rank() != right.rank() || (left.rank() != 4 && left.rank() != 3)) {
    return node_error(
        node, "images and weights of 4 dimensions, or of 3",
        fmt::format("they are {} and {}", to_string(left.shape), to_string(right.shape)));
  }
  if (groups < 1 || left.shape[1] % groups != 0 || right.shape[0] % groups != 0 ||
      left.shape[1] / groups != right.shape[1]) {
    return node_error(node, "weights that fit the images' channels",
                      fmt::format("images {}, weights {}, {} groups", to_string(left.shape),
                                  to_string(right.shape), groups));
  }
  const std::int64_t rows = right.rank() == 3 ? 1 : right.shape[2];
  FEWBIT_ASSIGN_OR_RETURN(window, window_of(node, left.shape, {rows, right.shape.back()}));
  if (window[0].kernel != rows || window[1].kernel != right.shape.back()) {
    return node_error(node, "kernel_shape as the weights have it",
                      fmt::format("weights {}", to_string(right.shape)));
  }
  const ConvolutionShape shape{left.shape[0], left.shape[1], right.shape[0], groups, window};
  return LinearCall{
      0, shape, &left, &right, {shape.batch, shape.outputs, window[0].output, window[1].output}};
}

/// Rows, terms and columns, or an Error.
Result<MatrixShape> matrix_shape(const Node& node, const Tensor& left, const Tensor& right,
                                 bool left_transposed, bool right_transposed) {
  const auto extent = [](const Tensor& tensor, int from_end) {
    return tensor.shape[tensor.shape.size() - static_cast<std::size_t>(from_end)];
  };
  MatrixShape shape;
  shape.left_transposed = left_transposed;
  shape.right_transposed = right_transposed;
  shape.rows = extent(left, left_transposed ? 1 : 2);
  shape.terms = extent(left, left_transposed ? 2 : 1);
  shape.columns = extent(right, right_transposed ? 2 : 1);
  if (shape.terms != extent(right, right_transposed ? 1 : 2)) {
    return node_error(
        node, "matrices that can be multiplied",
        fmt::format("they are {} and {}", to_string(left.shape), to_string(right.shape)));
  }
  return shape;
}

Result<LinearCall> gemm_call(const Node& node, const Tensor& left, const Tensor& right) {
  if (left.rank() != 2 || right.rank() != 2) {
    return node_error(
        node, "two matrices",
        fmt::format("they are {} and {}", to_string(left.shape), to_string(right.shape)));
  }
  FEWBIT_ASSIGN_OR_RETURN(shape, matrix_shape(node, left, right, node.integer("transA", 0) != 0,
                                              node.integer("transB", 0) != 0));
  return LinearCall{0, shape, &left, &right, {shape.rows, shape.columns}};
}

/// Numbers of the matrices of an operand, for every matrix of the result `batch`.
std::vector<std::int64_t> broadcast_matrices(const Shape& operand, const Shape& batch) {
  std::vector<std::int64_t> numbers = {0};
  const std::size_t own = operand.size() - 2;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::size_t missing = batch.size() - own;
    const std::int64_t extent = i < missing ? 1 : operand[i - missing];
    std::vector<std::int64_t> next;
    for (const std::int64_t number : numbers) {
      for (std::int64_t k = 0; k < batch[i]; ++k) {
        next.push_back(number * extent + (extent == 1 ? 0 : k));
      }
    }
    numbers = std::move(next);
  }
  return numbers;
}

Result<LinearCall> matmul_call(const Node& node, const Tensor& left, const Tensor& right) {
  const Error mismatch =
      node_error(node, "operands of 2 or more dimensions with batches alike or 1",
                 fmt::format("they are {} and {}", to_string(left.shape), to_string(right.shape)));
  if (left.rank() < 2 || right.rank() < 2) return mismatch;
  FEWBIT_ASSIGN_OR_RETURN(shape, matrix_shape(node, left, right, false, false));
  Shape output(static_cast<std::size_t>(std::max(left.rank(), right.rank())) - 2, 1);
  for (const Tensor* operand : {&left, &right}) {
    const std::size_t missing = output.size() + 2 - operand->shape.size();
    for (std::size_t i = missing; i < output.size(); ++i) {
      const std::int64_t extent = operand->shape[i - missing];
      if (extent != 1 && output[i] != 1 && extent != output[i]) return mismatch;
      if (extent != 1) output[i] = extent;
    }
  }
  if (right.rank() == 2) {  // one product, however many matrices there are on the left
    shape.rows *= static_cast<std::int64_t>(element_count(output));
  } else {
    shape.left_matrices = broadcast_matrices(left.shape, output);
    shape.right_matrices = broadcast_matrices(right.shape, output);
  }
  output.push_back(left.shape[left.shape.size() - 2]);
  output.push_back(shape.columns);
  return LinearCall{0, std::move(shape), &left, &right, std::move(output)};
}

}  // namespace

std::int64_t LinearCall::terms() const {
  if (const auto* convolution = std::get_if<ConvolutionShape>(&shape)) return convolution->terms();
  return std::get<MatrixShape>(shape).terms;
}

Result<LinearCall> linear_call(const Node& node, const Tensor& left, const Tensor& right) {
  if (left.size() == 0 || right.size() == 0) {
    return node_error(
        node, "operands with at least one element",
        fmt::format("they are {} and {}", to_string(left.shape), to_string(right.shape)));
  }
  Result<LinearCall> call = node.op == "Conv"   ? convolution_call(node, left, right)
                            : node.op == "Gemm" ? gemm_call(node, left, right)
                                                : matmul_call(node, left, right);
  if (!call.ok()) return call;
  if (!is_legal(call->output)) {
    return node_error(node, fmt::format("a result of at most {} elements", kMostElements),
                      to_string(call->output));
  }
  const auto* convolution = std::get_if<ConvolutionShape>(&call->shape);
  if (convolution != nullptr && is_one_channel(*convolution)) {
    const std::int64_t elements = ChannelFilter<float>::elements(convolution->window);
    if (elements > kMostElements) {
      return node_error(node, fmt::format("a padded image of at most {} elements", kMostElements),
                        fmt::format("it has {}", elements));
    }
  } else if (convolution != nullptr &&
             convolution->terms() > kMostElements / convolution->window[1].output) {
    return node_error(
        node, fmt::format("at most {} products for each row of an output channel", kMostElements),
        fmt::format("there are {} for each place", convolution->terms()));
  } else if (convolution != nullptr && unfolded_elements(*convolution) > kMostProducts) {
    return node_error(
        node, fmt::format("at most {} products for each image and output channel", kMostProducts),
        fmt::format("there are {}", unfolded_elements(*convolution)));
  }
  return call;
}

template <typename T>
void sums_of_products(const LinearCall& call, const T* left, const T* right, T* out) {
  if (element_count(call.output) == 0) return;
  if (const auto* convolution = std::get_if<ConvolutionShape>(&call.shape)) {
    convolve(*convolution, left, right, out);
  } else {
    multiply_matrices(std::get<MatrixShape>(call.shape), left, right, out);
  }
}
template void sums_of_products(const LinearCall&, const float*, const float*, float*);
template void sums_of_products(const LinearCall&, const double*, const double*, double*);

OutputChannels output_channels(const LinearCall& call) {
  if (!std::holds_alternative<ConvolutionShape>(call.shape)) {
    return {static_cast<std::size_t>(call.output.back()), 1};
  }
  return {static_cast<std::size_t>(call.output[1]),
          static_cast<std::size_t>(call.output[2] * call.output[3])};
}

bool second_moments_fit(const LinearCall& call) {
  const std::int64_t terms = call.terms();
  const auto* convolution = std::get_if<ConvolutionShape>(&call.shape);
  if (convolution == nullptr) return terms <= kMostMoments / terms;
  return terms <= kMostMoments / terms / convolution->groups &&
         unfolded_elements(*convolution) <= kMostElements;
}

void add_second_moments(const LinearCall& call, std::vector<double>& moments) {
  const std::int64_t terms = call.terms();
  const auto size = static_cast<std::size_t>(terms * terms);
  std::vector<float> product(size);
  const auto add = [&](std::int64_t group) {
    double* const to = moments.data() + static_cast<std::size_t>(group) * size;
    for (std::size_t i = 0; i < size; ++i) to[i] += static_cast<double>(product[i]);
  };
  const float* const left = call.left->floats().data();
  if (const auto* shape = std::get_if<ConvolutionShape>(&call.shape)) {
    moments.resize(static_cast<std::size_t>(shape->groups) * size);
    const std::int64_t channels = shape->channels / shape->groups;
    const std::int64_t pixels = shape->window[0].input * shape->window[1].input;
    const std::int64_t places = shape->window[0].output * shape->window[1].output;
    std::vector<float> matrix(static_cast<std::size_t>(terms * places));
    for (std::int64_t i = 0; i < shape->batch * shape->groups; ++i) {
      unfold(shape->window, channels, left + i * channels * pixels, matrix);
      multiply(CblasNoTrans, CblasTrans, terms, terms, places, matrix.data(), places, matrix.data(),
               places, product.data(), terms);
      add(i % shape->groups);
    }
    return;
  }
  const auto& shape = std::get<MatrixShape>(call.shape);
  moments.resize(size);
  const CBLAS_TRANSPOSE first = shape.left_transposed ? CblasNoTrans : CblasTrans;
  const CBLAS_TRANSPOSE second = shape.left_transposed ? CblasTrans : CblasNoTrans;
  const std::int64_t stride = shape.left_transposed ? shape.rows : terms;
  multiply(first, second, terms, terms, shape.rows, left, stride, left, stride, product.data(),
           terms);
  add(0);
}

std::uint64_t new_identity() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

void sums_of_products_anyhow(const LinearCall& call, const float* left, const float* right,
                             std::uint64_t identity, float* out) {
  const auto* convolution = std::get_if<ConvolutionShape>(&call.shape);
  if (convolution != nullptr && convolve_directly(*convolution, left, right, identity, out)) return;
  sums_of_products(call, left, right, out);
}

void use_one_blas_thread() { openblas_set_num_threads(1); }

std::vector<float> FloatArithmetic::sums(const LinearCall& call) const {
  std::vector<float> out(element_count(call.output));
  sums_of_products(call, call.left->floats().data(), call.right->floats().data(), out.data());
  return out;
}

std::vector<float> FastFloatArithmetic::sums(const LinearCall& call) const {
  std::vector<float> out(element_count(call.output));
  sums_of_products_anyhow(call, call.left->floats().data(), call.right->floats().data(),
                          call.right_identity, out.data());
  return out;
}

}  // namespace fewbit::quant
