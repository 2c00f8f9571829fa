// Tensors of ONNX files: see onnx_tensor.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/onnx_tensor.h"

#include <onnx/onnx_pb.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>

#include "fewbit/quant/half_floats.h"
#include "fewbit/quant/onnx_reader.h"

static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian");

namespace fewbit::quant {
namespace {

namespace fs = std::filesystem;
using Proto = onnx::TensorProto;

constexpr char kInsideFolder[] = "data in a file inside the network's folder";

Error tensor_error(const Proto& proto, std::string legal, std::string detail) {
  return {"tensor", proto.name(), std::move(legal), std::move(detail)};
}

/// Elements of `raw` as T, converted.
template <typename T, typename To>
std::vector<To> from_raw(const std::string& raw) {
  std::vector<To> values(raw.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<To>(value);
  }
  return values;
}

/// Elements of a field whose numbers stand for T, converted.
template <typename T, typename To, typename Field>
std::vector<To> from_field(const Field& field) {
  std::vector<To> values;
  values.reserve(static_cast<std::size_t>(field.size()));
  for (const auto value : field) values.push_back(static_cast<To>(static_cast<T>(value)));
  return values;
}

/// Of one element in a file; 0 where the type is not covered.
std::size_t bytes_of(int type) {
  switch (type) {
    case Proto::DOUBLE:
    case Proto::INT64:
      return 8;
    case Proto::FLOAT:
    case Proto::INT32:
      return 4;
    case Proto::FLOAT16:
    case Proto::BFLOAT16:
      return 2;
    case Proto::BOOL:
    case Proto::UINT8:
    case Proto::INT8:
      return 1;
    default:
      return 0;
  }
}

/// From `raw` where it is given, else from the field of the type.
template <typename T, typename To, typename Field>
Tensor tensor_from(const Shape& shape, const std::string* raw, const Field& field) {
  return {shape, raw == nullptr ? from_field<T, To>(field) : from_raw<T, To>(*raw)};
}

/// `raw` has whole elements, of a type that is covered.
Tensor tensor_of(const Proto& proto, const Shape& shape, const std::string* raw) {
  using Integer = std::int64_t;
  switch (proto.data_type()) {
    case Proto::FLOAT:
      return tensor_from<float, float>(shape, raw, proto.float_data());
    case Proto::DOUBLE:
      return tensor_from<double, float>(shape, raw, proto.double_data());
    case Proto::FLOAT16:
      return tensor_from<Binary16, float>(shape, raw, proto.int32_data());
    case Proto::BFLOAT16:
      return tensor_from<Bfloat16, float>(shape, raw, proto.int32_data());
    case Proto::INT64:
      return tensor_from<Integer, Integer>(shape, raw, proto.int64_data());
    case Proto::INT32:
      return tensor_from<std::int32_t, Integer>(shape, raw, proto.int32_data());
    case Proto::INT8: {
      Tensor tensor = tensor_from<std::int8_t, Integer>(shape, raw, proto.int32_data());
      tensor.integer_type = IntegerType::kInt8;
      return tensor;
    }
    default: {  // UINT8 and BOOL
      Tensor tensor = tensor_from<std::uint8_t, Integer>(shape, raw, proto.int32_data());
      if (proto.data_type() == Proto::UINT8) tensor.integer_type = IntegerType::kUint8;
      return tensor;
    }
  }
}

std::size_t elements_of(const Tensor& tensor) {
  return std::visit([](const auto& values) { return values.size(); }, tensor.data);
}

/// The value of a key of external data; nothing where it is absent.
std::optional<std::string> external(const Proto& proto, const std::string& key) {
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == key) return entry.value();
  }
  return std::nullopt;
}

/// The same as a number, `otherwise` where it is absent.
Result<std::uint64_t> external_number(const Proto& proto, const std::string& key,
                                      std::uint64_t otherwise) {
  const std::optional<std::string> text = external(proto, key);
  if (!text) return otherwise;
  std::uint64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, code] = std::from_chars(text->data(), end, number);
  if (code == std::errc() && stop == end) return number;
  return tensor_error(proto, fmt::format("external data with a number as {}", key), *text);
}

}  // namespace

Result<fs::path> OnnxTensors::external_file(const Proto& proto, const std::string& location) const {
  const fs::path relative(location);
  bool is_inside = !location.empty() && relative.is_relative();
  if (location.find('\0') != std::string::npos) is_inside = false;
  for (const fs::path& part : relative) is_inside = is_inside && part != "..";
  if (!is_inside) return tensor_error(proto, kInsideFolder, fmt::format("it is '{}'", location));
  std::error_code code;
  const fs::path folder = fs::canonical(folder_.empty() ? fs::path(".") : folder_, code);
  const fs::path file = code ? fs::path() : fs::canonical(folder / relative, code);
  if (code) {
    return tensor_error(proto, kInsideFolder, fmt::format("'{}': {}", location, code.message()));
  }
  // A link may lead out of it.
  const auto [end, unused] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  if (end != folder.end()) {
    return tensor_error(proto, kInsideFolder, fmt::format("'{}' leads out of it", location));
  }
  if (!fs::is_regular_file(file, code)) {
    return tensor_error(proto, "data in a regular file", fmt::format("'{}' is none", location));
  }
  return file;
}

Result<std::string> OnnxTensors::external_data(const Proto& proto, std::size_t bytes) {
  const std::string location = external(proto, "location").value_or("");
  FEWBIT_ASSIGN_OR_RETURN(file, external_file(proto, location));
  FEWBIT_ASSIGN_OR_RETURN(offset, external_number(proto, "offset", 0));
  FEWBIT_ASSIGN_OR_RETURN(length, external_number(proto, "length", bytes));
  if (length != bytes) {
    return tensor_error(proto, fmt::format("external data of {} bytes", bytes),
                        fmt::format("its length is {}", length));
  }
  std::error_code code;
  const std::uint64_t size = fs::file_size(file, code);
  if (code || offset > size || length > size - offset) {
    return tensor_error(proto, fmt::format("external data inside '{}'", location),
                        fmt::format("{} bytes from {} on, of {}", length, offset, code ? 0 : size));
  }
  std::string data(bytes, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  stream.read(data.data(), static_cast<std::streamsize>(bytes));
  if (!stream) return tensor_error(proto, "external data that can be read", location);
  files_.emplace(location, file);
  return data;
}

Result<Tensor> OnnxTensors::read(const Proto& proto) {
  const Shape shape(proto.dims().begin(), proto.dims().end());
  if (!is_legal(shape)) {
    return tensor_error(proto, fmt::format("a shape of at most {} elements", kMostElements),
                        fmt::format("its shape is {}", to_string(shape)));
  }
  const std::size_t own = bytes_of(proto.data_type());
  if (own == 0) {
    return tensor_error(proto,
                        "type float, double, float16, bfloat16, int64, int32, int8, uint8 or bool",
                        fmt::format("it has type {}", onnx_type_name(proto.data_type())));
  }
  const std::size_t count = element_count(shape);
  const bool is_external = proto.data_location() == Proto::EXTERNAL;
  // As it will be held: floats in 4 bytes, integers in 8.
  const bool is_integer = proto.data_type() != Proto::FLOAT && proto.data_type() != Proto::DOUBLE &&
                          proto.data_type() != Proto::FLOAT16 &&
                          proto.data_type() != Proto::BFLOAT16;
  bytes_ += count * (is_integer ? 8 : 4);
  if (bytes_ > kMostConstantBytes) {
    return tensor_error(proto, fmt::format("constants of at most {} bytes", kMostConstantBytes),
                        fmt::format("there are {} with it", bytes_));
  }
  std::string outside;
  if (is_external) {
    FEWBIT_ASSIGN_OR_RETURN(data, external_data(proto, count * own));
    outside = std::move(data);
  } else if (proto.has_raw_data() && proto.raw_data().size() % own != 0) {
    return tensor_error(proto, fmt::format("raw data in units of {} bytes", own),
                        fmt::format("it has {} bytes", proto.raw_data().size()));
  }
  const std::string* const raw = is_external            ? &outside
                                 : proto.has_raw_data() ? &proto.raw_data()
                                                        : nullptr;
  Tensor tensor = tensor_of(proto, shape, raw);
  if (elements_of(tensor) != count) {
    return tensor_error(
        proto, fmt::format("{} elements", count),
        fmt::format("shape {}, {} elements of data", to_string(shape), elements_of(tensor)));
  }
  return tensor;
}

std::vector<fs::path> OnnxTensors::files() const {
  std::vector<fs::path> files;
  for (const auto& [location, file] : files_) files.push_back(file);
  return files;
}

}  // namespace fewbit::quant
