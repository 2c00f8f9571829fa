// Reading IDX and NPY. zlib reads plain files and gzipped ones alike.
// SPDX-License-Identifier: Apache-2.0
#include "quant/array_files.h"

#include <zlib.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <regex>

#include "gen/util/files.h"
#include "quant/half_floats.h"

static_assert(std::endian::native == std::endian::little, "NPY data is read little-endian");

namespace fewbit::quant {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr std::size_t kMostBytes = std::size_t{1} << 31;

Error file_error(const fs::path& path, std::string legal, std::string detail) {
  return {"file", path.string(), std::move(legal), std::move(detail)};
}

/// The file's bytes, unpacked where it is gzipped.
Result<std::string> read_unpacked(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(packed, read_file(path));
  if (packed.size() < 2 || packed[0] != '\x1f' || packed[1] != '\x8b') return packed;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return file_error(path, "a file that can be read", "");
  std::string text;
  std::vector<char> buffer(1 << 16);
  int got = 0;
  while ((got = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostBytes) break;
  }
  const int closed = gzclose(file);
  if (got != 0 || closed != Z_OK) {
    return file_error(path, fmt::format("whole gzipped data of at most {} bytes", kMostBytes),
                      "it is cut short, damaged or too long");
  }
  return text;
}

Status check_length(const fs::path& path, const Shape& shape, std::size_t element_bytes,
                    std::size_t bytes) {
  if (!is_legal(shape)) {
    return file_error(path, fmt::format("a shape of at most {} elements", kMostElements),
                      fmt::format("its shape is {}", to_string(shape)));
  }
  if (bytes != element_count(shape) * element_bytes) {
    return file_error(path, fmt::format("{} bytes of data", element_count(shape) * element_bytes),
                      fmt::format("shape {}, {} bytes of data", to_string(shape), bytes));
  }
  return Ok{};
}

Result<Tensor> parse_idx(const fs::path& path, const std::string& text) {
  constexpr char kUnsignedByte = 0x08;
  const std::string legal = "an IDX file of unsigned bytes";
  if (text.size() < 4 || text[0] != 0 || text[1] != 0) {
    return file_error(path, legal, "it does not begin with two zero bytes");
  }
  if (text[2] != kUnsignedByte) {
    return file_error(path, legal, fmt::format("its element type is 0x{:02x}", text[2]));
  }
  const auto dimensions = static_cast<std::size_t>(static_cast<unsigned char>(text[3]));
  const std::size_t begin = 4 + 4 * dimensions;
  if (dimensions == 0 || text.size() < begin) {
    return file_error(path, legal, fmt::format("{} dimensions, {} bytes", dimensions, text.size()));
  }
  Shape shape;
  for (std::size_t i = 0; i < dimensions; ++i) {
    std::int64_t extent = 0;
    for (std::size_t byte = 4 + 4 * i; byte < 8 + 4 * i; ++byte) {
      extent = extent * 256 + static_cast<unsigned char>(text[byte]);
    }
    shape.push_back(extent);
  }
  FEWBIT_RETURN_IF_ERROR(check_length(path, shape, 1, text.size() - begin));
  Tensor tensor = float_tensor(shape);
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    tensor.floats()[i] = static_cast<float>(static_cast<unsigned char>(text[begin + i]));
  }
  return tensor;
}

template <typename T, typename To>
std::vector<To> converted(std::string_view bytes) {
  std::vector<To> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<To>(value);
  }
  return values;
}

struct NpyHeader {
  std::string type;
  Shape shape;
  std::size_t data_begin = 0;
};

Result<NpyHeader> parse_npy_header(const fs::path& path, const std::string& text) {
  const std::string legal = "an NPY file";
  if (text.size() < 12 || text.compare(0, kNpyMagic.size(), kNpyMagic) != 0) {
    return file_error(path, legal, "it does not begin as one");
  }
  const int version = static_cast<unsigned char>(text[6]);
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::size_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;) {
    length = length * 256 + static_cast<unsigned char>(text[8 + i]);
  }
  NpyHeader header;
  header.data_begin = 8 + length_bytes + length;
  if (version < 1 || version > 3 || header.data_begin > text.size()) {
    return file_error(path, legal, "its header has an unknown version or is cut short");
  }
  const std::string words = text.substr(8 + length_bytes, length);
  std::smatch found;
  if (words.find("'fortran_order': False") == std::string::npos) {
    return file_error(path, "an NPY file in C order", "its header does not say so");
  }
  if (!std::regex_search(words, found, std::regex("'descr': *'([^']*)'"))) {
    return file_error(path, legal, "its header names no element type");
  }
  header.type = found[1];
  if (!std::regex_search(words, found, std::regex("'shape': *\\(([0-9, ]*)\\)"))) {
    return file_error(path, legal, "its header names no shape");
  }
  const std::string extents = found[1];
  const std::regex number("[0-9]+");
  for (std::sregex_iterator it(extents.begin(), extents.end(), number), end; it != end; ++it) {
    if (it->str().size() > 18) return file_error(path, legal, "its shape has an extent too large");
    header.shape.push_back(std::stoll(it->str()));
  }
  return header;
}

Result<Tensor> parse_npy(const fs::path& path, const std::string& text) {
  FEWBIT_ASSIGN_OR_RETURN(header, parse_npy_header(path, text));
  const std::string_view bytes = std::string_view(text).substr(header.data_begin);
  const auto tensor = [&](std::size_t element_bytes, auto convert) -> Result<Tensor> {
    FEWBIT_RETURN_IF_ERROR(check_length(path, header.shape, element_bytes, bytes.size()));
    return Tensor{header.shape, convert(bytes)};
  };
  if (header.type == "<f4") return tensor(4, converted<float, float>);
  if (header.type == "<f2") return tensor(2, converted<Binary16, float>);
  if (header.type == "<f8") return tensor(8, converted<double, float>);
  if (header.type == "<i8") return tensor(8, converted<std::int64_t, std::int64_t>);
  if (header.type == "<i4") return tensor(4, converted<std::int32_t, std::int64_t>);
  if (header.type == "|u1") return tensor(1, converted<std::uint8_t, std::int64_t>);
  return file_error(path, "element type <f2, <f4, <f8, <i8, <i4 or |u1",
                    fmt::format("it is {}", header.type));
}

bool is_npy(const std::string& text) { return text.compare(0, kNpyMagic.size(), kNpyMagic) == 0; }

/// Of a file that may be of either kind.
Result<Tensor> parse_either(const fs::path& path, const std::string& text) {
  if (is_npy(text)) return parse_npy(path, text);
  if (text.starts_with("\0\0"sv)) return parse_idx(path, text);
  return file_error(path, "an IDX file of unsigned bytes or an NPY file",
                    text.starts_with("PK")
                        ? "it is an archive, as NPZ: store the array in it alone, as NPY"
                        : "it begins as neither");
}

}  // namespace

Result<Tensor> read_idx(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_unpacked(path));
  return parse_idx(path, text);
}

Result<Tensor> read_npy(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_unpacked(path));
  return parse_npy(path, text);
}

Result<Tensor> read_images(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_unpacked(path));
  const bool npy = is_npy(text);
  FEWBIT_ASSIGN_OR_RETURN(tensor, parse_either(path, text));
  if (!tensor.is_float() || tensor.rank() < (npy ? 2 : 3) || tensor.size() == 0) {
    return file_error(path, "images: IDX of 3 dimensions, or NPY of floats, at least one image",
                      fmt::format("shape {}", to_string(tensor.shape)));
  }
  if (!npy) {
    tensor.shape.insert(tensor.shape.begin() + 1, 1);
    for (float& value : tensor.floats()) value /= 255;
  }
  for (const float value : tensor.floats()) {
    if (!std::isfinite(value)) return file_error(path, "finite numbers", fmt::format("{}", value));
  }
  return tensor;
}

Result<std::vector<std::int64_t>> read_labels(const fs::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_unpacked(path));
  FEWBIT_ASSIGN_OR_RETURN(tensor, parse_either(path, text));
  if (tensor.rank() != 1 || (is_npy(text) && tensor.is_float())) {
    return file_error(path, "labels: integers in one dimension",
                      fmt::format("shape {}", to_string(tensor.shape)));
  }
  if (!tensor.is_float()) return std::move(tensor.integers());
  return std::vector<std::int64_t>(tensor.floats().begin(), tensor.floats().end());
}

}  // namespace fewbit::quant
