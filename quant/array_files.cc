// Reading IDX and NPY. zlib reads plain files and gzipped ones alike.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/array_files.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/quant/half_floats.h"

static_assert(std::endian::native == std::endian::little, "NPY data is read little-endian");

namespace fewbit::quant {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr std::size_t kPieceBytes = std::size_t{1} << 16;  // of every element size a multiple

Error file_error(const fs::path& path, std::string legal, std::string detail) {
  return {"file", path.string(), std::move(legal), std::move(detail)};
}

/// A file's bytes one after the other, unpacked where it is gzipped. Nothing is read before it is
/// asked for: what a header promises bounds what a small file can unpack to.
class Bytes {
 public:
  static Result<Bytes> open(const fs::path& path) {
    FEWBIT_RETURN_IF_ERROR(check_readable(path));
    Bytes bytes(path, gzopen(path.c_str(), "rb"));
    if (bytes.file_ == nullptr) return file_error(path, "a file that can be read", "");
    return bytes;
  }

  [[nodiscard]] const fs::path& path() const { return path_; }

  /// The next `count` bytes, fewer at the end of the file. `count` is at most kPieceBytes.
  Result<std::string> take(std::size_t count) {
    std::string text(count, '\0');
    const int got = gzread(file_.get(), text.data(), static_cast<unsigned>(count));
    int code = Z_OK;
    gzerror(file_.get(), &code);
    if (interrupted()) return file_error(path_, "a file that is read to its end", "interrupted");
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) {
      return file_error(path_, "whole gzipped data", "it is cut short or damaged");
    }
    text.resize(static_cast<std::size_t>(got));
    return text;
  }

  /// Whether nothing follows; a checksum is compared then.
  Result<bool> at_end() {
    FEWBIT_ASSIGN_OR_RETURN(more, take(1));
    if (!more.empty()) return false;
    if (gzclose(file_.release()) != Z_OK) {
      return file_error(path_, "whole gzipped data", "it is cut short or damaged");
    }
    return true;
  }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  Bytes(fs::path path, gzFile file) : path_(std::move(path)), file_(file) {}
  fs::path path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

/// What follows the header: exactly the elements of `shape`, each a T in the file. Kept are those
/// of the first `most` in the first dimension.
template <typename T, typename To>
Result<Tensor> read_elements(Bytes& bytes, const Shape& shape, std::int64_t most) {
  if (!is_legal(shape, kMostFileElements)) {
    return file_error(bytes.path(),
                      fmt::format("a shape of at most {} elements", kMostFileElements),
                      fmt::format("its shape is {}", to_string(shape)));
  }
  const std::size_t count = element_count(shape);
  Shape kept_shape = shape;
  if (!shape.empty()) kept_shape[0] = std::min(shape[0], most);
  const std::size_t kept = element_count(kept_shape);
  std::vector<To> values;
  for (std::size_t read = 0; read < count;) {
    const std::size_t wanted = std::min(kPieceBytes, (count - read) * sizeof(T));
    FEWBIT_ASSIGN_OR_RETURN(piece, bytes.take(wanted));
    read += piece.size() / sizeof(T);
    for (std::size_t at = 0; at + sizeof(T) <= piece.size() && values.size() < kept;
         at += sizeof(T)) {
      T value;
      std::memcpy(&value, piece.data() + at, sizeof(T));
      values.push_back(static_cast<To>(value));
    }
    if (piece.size() < wanted) {
      return file_error(bytes.path(), fmt::format("{} bytes of data", count * sizeof(T)),
                        fmt::format("shape {}, {} bytes of data", to_string(shape),
                                    read * sizeof(T) + piece.size() % sizeof(T)));
    }
  }
  FEWBIT_ASSIGN_OR_RETURN(done, bytes.at_end());
  if (done) return Tensor{kept_shape, std::move(values)};
  return file_error(
      bytes.path(), fmt::format("{} bytes of data", count * sizeof(T)),
      fmt::format("shape {}, more than {} bytes of data", to_string(shape), count * sizeof(T)));
}

/// `magic`: the four bytes taken from it already.
Result<Tensor> parse_idx(Bytes& bytes, const std::string& magic, std::int64_t most = kAll) {
  constexpr char kUnsignedByte = 0x08;
  const std::string legal = "an IDX file of unsigned bytes";
  if (magic.size() < 4 || magic[0] != 0 || magic[1] != 0) {
    return file_error(bytes.path(), legal, "it does not begin with two zero bytes");
  }
  if (magic[2] != kUnsignedByte) {
    return file_error(
        bytes.path(), legal,
        fmt::format("its element type is 0x{:02x}", static_cast<unsigned char>(magic[2])));
  }
  const auto dimensions = static_cast<std::size_t>(static_cast<unsigned char>(magic[3]));
  FEWBIT_ASSIGN_OR_RETURN(extents, bytes.take(4 * dimensions));
  if (dimensions == 0 || dimensions > kMostDimensions || extents.size() < 4 * dimensions) {
    return file_error(bytes.path(), fmt::format("{} of 1 to {} dimensions", legal, kMostDimensions),
                      fmt::format("{} dimensions, {} bytes", dimensions, 4 + extents.size()));
  }
  Shape shape;
  for (std::size_t i = 0; i < dimensions; ++i) {
    std::int64_t extent = 0;
    for (std::size_t byte = 4 * i; byte < 4 + 4 * i; ++byte) {
      extent = extent * 256 + static_cast<unsigned char>(extents[byte]);
    }
    shape.push_back(extent);
  }
  return read_elements<std::uint8_t, float>(bytes, shape, most);
}

/// The header of an NPY file: a dictionary of Python with three known keys, a string, a word and a
/// tuple of numbers. Each key is looked for as numpy writes it.
class NpyHeader {
 public:
  explicit NpyHeader(std::string_view text) : text_(text) {}

  /// What follows `'key':` and blanks, or "".
  [[nodiscard]] std::string_view value_of(std::string_view key) const {
    const std::string quoted = fmt::format("'{}':", key);
    const std::size_t at = text_.find(quoted);
    if (at == std::string_view::npos) return "";
    const std::size_t begin = text_.find_first_not_of(' ', at + quoted.size());
    return begin == std::string_view::npos ? "" : text_.substr(begin);
  }

  [[nodiscard]] bool is_in_c_order() const {
    return value_of("fortran_order").starts_with("False");
  }

  [[nodiscard]] std::optional<std::string> type() const {
    const std::string_view value = value_of("descr");
    if (!value.starts_with('\'')) return {};
    const std::size_t end = value.find('\'', 1);
    if (end == std::string_view::npos) return {};
    return std::string(value.substr(1, end - 1));
  }

  /// "(2, 3)", "(5,)", "()".
  [[nodiscard]] std::optional<Shape> shape() const {
    std::string_view value = value_of("shape");
    if (!value.starts_with('(')) return {};
    Shape shape;
    for (value.remove_prefix(1);;) {
      value.remove_prefix(std::min(value.find_first_not_of(" ,"), value.size()));
      if (value.starts_with(')')) return shape;
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), extent);
      if (error != std::errc() || extent < 0 || shape.size() == kMostDimensions) return {};
      shape.push_back(extent);
      value.remove_prefix(static_cast<std::size_t>(end - value.data()));
    }
  }

 private:
  std::string_view text_;
};

/// The elements after the header, of a type by its name in NPY.
Result<Tensor> elements_of(const std::string& type, Bytes& bytes, const Shape& shape,
                           std::int64_t most) {
  if (type == "<f4") return read_elements<float, float>(bytes, shape, most);
  if (type == "<f2") return read_elements<Binary16, float>(bytes, shape, most);
  if (type == "<f8") return read_elements<double, float>(bytes, shape, most);
  if (type == "<i8") return read_elements<std::int64_t, std::int64_t>(bytes, shape, most);
  if (type == "<i4") return read_elements<std::int32_t, std::int64_t>(bytes, shape, most);
  if (type == "<i2") return read_elements<std::int16_t, std::int64_t>(bytes, shape, most);
  if (type == "<u2") return read_elements<std::uint16_t, std::int64_t>(bytes, shape, most);
  if (type == "|i1") return read_elements<std::int8_t, std::int64_t>(bytes, shape, most);
  if (type == "|u1") return read_elements<std::uint8_t, std::int64_t>(bytes, shape, most);
  return file_error(bytes.path(), "element type <f2, <f4, <f8, <i8, <i4, <i2, <u2, |i1 or |u1",
                    fmt::format("it is {}", type));
}

/// `magic`: the four bytes taken from it already.
Result<Tensor> parse_npy(Bytes& bytes, const std::string& magic, std::int64_t most = kAll) {
  constexpr std::size_t kMostHeaderBytes = 10000;  // as numpy bounds what it reads of strangers
  const std::string legal = "an NPY file";
  FEWBIT_ASSIGN_OR_RETURN(rest, bytes.take(4));
  const std::string start = magic + rest;
  if (start.size() < 8 || !start.starts_with(kNpyMagic)) {
    return file_error(bytes.path(), legal, "it does not begin as one");
  }
  const int version = static_cast<unsigned char>(start[6]);
  FEWBIT_ASSIGN_OR_RETURN(length_bytes, bytes.take(version == 1 ? 2 : 4));
  std::size_t length = 0;
  for (std::size_t i = length_bytes.size(); i-- > 0;) {
    length = length * 256 + static_cast<unsigned char>(length_bytes[i]);
  }
  if (version < 1 || version > 3) {
    return file_error(bytes.path(), legal + " of version 1 to 3",
                      fmt::format("its version is {}", version));
  }
  if (length > kMostHeaderBytes) {
    return file_error(bytes.path(), fmt::format("a header of at most {} bytes", kMostHeaderBytes),
                      fmt::format("it says {}", length));
  }
  FEWBIT_ASSIGN_OR_RETURN(text, bytes.take(length));
  if (text.size() < length) return file_error(bytes.path(), legal, "its header is cut short");
  const NpyHeader header(text);
  if (!header.is_in_c_order()) {
    return file_error(bytes.path(), "an NPY file in C order", "its header does not say so");
  }
  const std::optional<std::string> type = header.type();
  if (!type) return file_error(bytes.path(), legal, "its header names no element type");
  const std::optional<Shape> shape = header.shape();
  if (!shape) {
    return file_error(bytes.path(), fmt::format("a shape of up to {} extents", kMostDimensions),
                      "its header names no shape, or another one");
  }
  return elements_of(*type, bytes, *shape, most);
}

/// A tensor, and whether the file was NPY.
struct Array {
  Tensor tensor;
  bool is_npy = false;
};

Result<Array> read_array(const fs::path& path, std::int64_t most = kAll) {
  FEWBIT_ASSIGN_OR_RETURN(bytes, Bytes::open(path));
  FEWBIT_ASSIGN_OR_RETURN(magic, bytes.take(4));
  const bool is_npy = magic == kNpyMagic.substr(0, 4);
  if (!is_npy && !magic.starts_with("\0\0"sv)) {
    return file_error(path, "an IDX file of unsigned bytes or an NPY file",
                      magic.starts_with("PK")
                          ? "it is an archive, as NPZ: store the array in it alone, as NPY"
                          : "it begins as neither");
  }
  FEWBIT_ASSIGN_OR_RETURN(tensor,
                          is_npy ? parse_npy(bytes, magic, most) : parse_idx(bytes, magic, most));
  return Array{std::move(tensor), is_npy};
}

}  // namespace

Result<Tensor> read_idx(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(bytes, Bytes::open(path));
  FEWBIT_ASSIGN_OR_RETURN(magic, bytes.take(4));
  return parse_idx(bytes, magic);
}

Result<Tensor> read_npy(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(bytes, Bytes::open(path));
  FEWBIT_ASSIGN_OR_RETURN(magic, bytes.take(4));
  return parse_npy(bytes, magic);
}

Result<Tensor> read_images(const fs::path& path, std::int64_t most) {
  FEWBIT_ASSIGN_OR_RETURN(array, read_array(path, most));
  Tensor& tensor = array.tensor;
  if (!tensor.is_float() || tensor.rank() < (array.is_npy ? 2 : 3) || tensor.size() == 0) {
    return file_error(path, "images: IDX of 3 dimensions, or NPY of floats, at least one image",
                      fmt::format("shape {}", to_string(tensor.shape)));
  }
  if (!array.is_npy) {
    tensor.shape.insert(tensor.shape.begin() + 1, 1);
    for (float& value : tensor.floats()) value /= 255;
  }
  for (const float value : tensor.floats()) {
    if (!std::isfinite(value)) return file_error(path, "finite numbers", fmt::format("{}", value));
  }
  return std::move(tensor);
}

Result<bool> holds_bytes(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(bytes, Bytes::open(path));
  FEWBIT_ASSIGN_OR_RETURN(magic, bytes.take(4));
  return magic != kNpyMagic.substr(0, 4);
}

Result<std::vector<std::int64_t>> read_labels(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(array, read_array(path));
  Tensor& tensor = array.tensor;
  if (tensor.rank() != 1 || (array.is_npy && tensor.is_float())) {
    return file_error(path, "labels: integers in one dimension",
                      fmt::format("shape {}", to_string(tensor.shape)));
  }
  if (!tensor.is_float()) return std::move(tensor.integers());
  return std::vector<std::int64_t>(tensor.floats().begin(), tensor.floats().end());
}

}  // namespace fewbit::quant
