// IDX and NPY files, written byte by byte, and every way in which they can be wrong.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <zlib.h>

#include <cmath>
#include <fstream>
#include <thread>

#include "fewbit/gen/util/files.h"
#include "fewbit/quant/array_files.h"

namespace fewbit::quant {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ArrayFiles : public ::testing::Test {
 protected:
  fs::path file(const std::string& text) {
    const std::string name = fmt::format("file{}", ++count_);
    EXPECT_TRUE(write_files(scratch_.path(), {{name, text}}).ok());
    return scratch_.path() / name;
  }
  fs::path gzipped(const std::string& text, std::size_t dropped_bytes = 0) {
    const fs::path path = scratch_.path() / "packed.gz";
    gzFile out = gzopen(path.c_str(), "wb");
    EXPECT_EQ(gzwrite(out, text.data(), static_cast<unsigned>(text.size())),
              static_cast<int>(text.size()));
    gzclose(out);
    fs::resize_file(path, fs::file_size(path) - dropped_bytes);
    return path;
  }

 private:
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
  int count_ = 0;
};

/// Big-endian, as IDX has it.
std::string word(unsigned value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
  return text;
}

std::string idx(const std::vector<unsigned>& shape, const std::string& data) {
  std::string text = {0, 0, 8, static_cast<char>(shape.size())};
  for (const unsigned extent : shape) text += word(extent);
  return text + data;
}

std::string npy(const std::string& header, const std::string& data) {
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size());
  text += '\0';
  return text + header + data;
}

constexpr char kFloats[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n";
// 1.5 and -2 in binary32, little-endian.
const std::string kFloatData("\x00\x00\xc0\x3f\x00\x00\x00\xc0", 8);

TEST_F(ArrayFiles, IdxImagesAreScaledAndGetAChannel) {
  const std::string text = idx({2, 1, 2}, std::string("\x00\xff\x33\x66", 4));
  for (const fs::path& path : {file(text), gzipped(text)}) {
    const Tensor images = read_images(path).value();
    EXPECT_THAT(images.shape, ElementsAre(2, 1, 1, 2));
    EXPECT_THAT(images.floats(), ElementsAre(0.0F, 1.0F, 0.2F, 0.4F));
    EXPECT_THAT(read_idx(path).value().floats(), ElementsAre(0, 255, 51, 102));
  }
}

TEST_F(ArrayFiles, TheFirstImagesAreKeptAndTheFileIsReadToItsEnd) {
  const std::string data("\x00\xff\x33\x66\xff\x00", 6);
  for (const fs::path& path : {file(idx({3, 1, 2}, data)), gzipped(idx({3, 1, 2}, data))}) {
    const Tensor images = read_images(path, 2).value();
    EXPECT_THAT(images.shape, ElementsAre(2, 1, 1, 2));
    EXPECT_THAT(images.floats(), ElementsAre(0.0F, 1.0F, 0.2F, 0.4F));
    EXPECT_EQ(read_images(path, 4).value().shape[0], 3);
  }
  EXPECT_THAT(read_images(file(idx({3, 1, 2}, data.substr(0, 5))), 2).error().message(),
              HasSubstr("5 bytes of data"));
  EXPECT_THAT(read_images(file(idx({3, 1, 2}, data + "x")), 2).error().message(),
              HasSubstr("more than 6 bytes"));
  const char* header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n";
  const Tensor first = read_images(file(npy(header, kFloatData)), 1).value();
  EXPECT_THAT(first.shape, ElementsAre(1, 1));
  EXPECT_THAT(first.floats(), ElementsAre(1.5F));
}

TEST_F(ArrayFiles, LabelsAreIntegers) {
  EXPECT_THAT(read_labels(file(idx({3}, "\x01\x09\x02"))).value(), ElementsAre(1, 9, 2));
  const std::string words = std::string("\x07\0\0\0\x03\0\0\0", 8);
  const char* header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }\n";
  EXPECT_THAT(read_labels(file(npy(header, words))).value(), ElementsAre(7, 3));
}

TEST_F(ArrayFiles, NpyFloatsAreKept) {
  const Tensor tensor = read_images(file(npy(kFloats, kFloatData))).value();
  EXPECT_THAT(tensor.shape, ElementsAre(1, 2));
  EXPECT_THAT(tensor.floats(), ElementsAre(1.5F, -2.0F));
}

TEST_F(ArrayFiles, HalfPrecisionIsReadExactly) {
  // 1.5, -2, the largest number, the least one, -0 and -2^-14 in binary16, little-endian.
  const std::string data("\x00\x3e\x00\xc0\xff\x7b\x01\x00\x00\x80\x00\x84", 12);
  const char* header = "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 6), }\n";
  const Tensor tensor = read_images(file(npy(header, data))).value();
  EXPECT_THAT(tensor.floats(), ElementsAre(1.5F, -2.0F, 65504.0F, 0x1p-24F, -0.0F, -0x1p-14F));
  EXPECT_TRUE(std::signbit(tensor.floats()[4]));
  const std::string infinity("\x00\x7c\x01\xfc\0\0\0\0\0\0\0\0", 12);
  EXPECT_THAT(read_images(file(npy(header, infinity))).error().message(), HasSubstr("inf"));
  const Tensor all = read_npy(file(npy(header, infinity))).value();
  EXPECT_TRUE(std::isnan(all.floats()[1]));
}

TEST_F(ArrayFiles, FilesOfNeitherKindAreNotCalledIdx) {
  const std::string archive("PK\x03\x04\x14\0\0\0\0\0", 10);
  EXPECT_THAT(read_images(file(archive)).error().message(),
              AllOf(HasSubstr("NPZ"), HasSubstr("or an NPY file")));
  EXPECT_THAT(read_labels(file(archive)).error().message(), HasSubstr("NPZ"));
  for (const char* other : {"", "GIF89a", "1,2,3\n"}) {
    EXPECT_THAT(read_images(file(other)).error().message(), HasSubstr("or an NPY file"));
    EXPECT_THAT(read_labels(file(other)).error().message(), HasSubstr("begins as neither"));
  }
}

TEST_F(ArrayFiles, WhatIsWrongIsNamed) {
  const auto idx_message = [&](const std::string& text) {
    return read_idx(file(text)).error().message();
  };
  EXPECT_THAT(idx_message(""), HasSubstr("two zero bytes"));
  EXPECT_THAT(idx_message("GIF89a"), HasSubstr("two zero bytes"));
  EXPECT_THAT(idx_message(std::string("\0\0\x0d\x01\0\0\0\x01\0\0\0\0", 12)), HasSubstr("0x0d"));
  EXPECT_THAT(idx_message(std::string("\0\0\x08\x03\0\0", 6)), HasSubstr("3 dimensions, 6 bytes"));
  EXPECT_THAT(idx_message(idx({2, 3}, "12345")), HasSubstr("legal: 6 bytes of data"));
  EXPECT_THAT(idx_message(idx({2, 3}, "1234567")), HasSubstr("more than 6 bytes of data"));
  EXPECT_THAT(idx_message(idx({0xffffffff, 0xffffffff, 0xffffffff}, "")), HasSubstr("elements"));
  EXPECT_THAT(read_idx("/nonexistent").error().message(), HasSubstr("/nonexistent"));

  const auto npy_message = [&](const std::string& text) {
    return read_npy(file(text)).error().message();
  };
  EXPECT_THAT(npy_message("\x93NUMPY"), HasSubstr("does not begin"));
  EXPECT_THAT(npy_message(npy(kFloats, kFloatData).substr(0, 40)), HasSubstr("cut short"));
  EXPECT_THAT(npy_message(npy(kFloats, kFloatData.substr(1))), HasSubstr("7 bytes of data"));
  EXPECT_THAT(npy_message(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }\n", "")),
              HasSubstr("C order"));
  EXPECT_THAT(npy_message(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }\n", "")),
              HasSubstr("it is >f4"));
  EXPECT_THAT(npy_message(npy("{'descr': '<f4', 'fortran_order': False, }\n", "")),
              HasSubstr("no shape"));
}

// Each once took the stack, gigabytes or all time there is.
TEST_F(ArrayFiles, SizesAreBoundedBeforeTheWork) {
  const auto long_npy = [](const std::string& header) {
    std::string text("\x93NUMPY\x02\x00", 8);
    for (int shift = 0; shift < 32; shift += 8) {
      text += static_cast<char>(header.size() >> shift & 0xff);
    }
    return text + header;
  };
  const auto message = [&](const std::string& text) {
    return read_images(file(text)).error().message();
  };
  const std::string order = "'fortran_order': False, ";
  EXPECT_THAT(message(long_npy("{'descr': '" + std::string(30000, 'f') + "', " + order + "}")),
              HasSubstr("at most 10000 bytes"));
  EXPECT_THAT(message(long_npy("{'descr':" + std::string(65000, ' '))), HasSubstr("10000 bytes"));
  std::string extents;
  for (int i = 0; i < 40; ++i) extents += "1, ";
  EXPECT_THAT(message(long_npy("{'descr': '<f4', " + order + "'shape': (" + extents + "), }")),
              HasSubstr("up to 32 extents"));
  EXPECT_THAT(
      message(long_npy("{'descr': '<f4', " + order + "'shape': (99999999999999999999,), }")),
      HasSubstr("shape"));
  EXPECT_THAT(message(long_npy("{'descr': '<f4', " + order + "'shape': (-1,), }")),
              HasSubstr("shape"));
  EXPECT_THAT(message(long_npy("{'descr': '<f4', " + order + "'shape': (536870912,), }")),
              HasSubstr("268435456 elements"));
  EXPECT_THAT(message(idx({0x20000000}, "")), HasSubstr("268435456 elements"));
  // 16 MiB where one byte is promised: refused after that byte.
  EXPECT_THAT(read_idx(gzipped(idx({1}, std::string(1 << 24, 'x')))).error().message(),
              HasSubstr("more than 1 bytes of data"));
  for (const char* device : {"/dev/zero", "/dev/null"}) {
    EXPECT_THAT(read_images(device).error().message(), HasSubstr("device"));
    EXPECT_THAT(read_file(device).error().message(), HasSubstr("device"));
  }
}

TEST_F(ArrayFiles, APipeIsReadToItsBound) {
  const fs::path pipe = file("") / "..";
  const std::string path = (pipe.lexically_normal() / "pipe").string();
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto with_writer = [&](const std::string& text, auto read) {
    std::thread writer([&] {
      ::signal(SIGPIPE, SIG_IGN);
      std::ofstream(path) << text;
    });
    auto result = read();
    writer.join();
    return result;
  };
  const std::string text = idx({2, 1, 2}, std::string("\x00\xff\x33\x66", 4));
  EXPECT_TRUE(with_writer(text, [&] { return read_images(path); }).ok());
  EXPECT_EQ(with_writer(text, [&] { return read_file(path); }).value(), text);
  EXPECT_THAT(with_writer(std::string(1 << 20, 'x'), [&] { return read_file(path, 1000); })
                  .error()
                  .message(),
              HasSubstr("up to 1000 bytes"));
}

TEST_F(ArrayFiles, BrokenCompressionIsAnError) {
  const std::string text = idx({4000}, std::string(4000, 'x') + "");
  EXPECT_TRUE(read_idx(gzipped(text)).ok());
  EXPECT_THAT(read_idx(gzipped(text, 12)).error().message(), HasSubstr("cut short"));
}

TEST_F(ArrayFiles, ImagesAndLabelsHaveTheirShapes) {
  EXPECT_THAT(read_images(file(idx({2}, "ab"))).error().message(), HasSubstr("3 dimensions"));
  EXPECT_THAT(read_images(file(idx({0, 2, 2}, ""))).error().message(), HasSubstr("at least one"));
  EXPECT_THAT(read_labels(file(idx({1, 2}, "ab"))).error().message(), HasSubstr("one dimension"));
  const std::string nan("\x00\x00\xc0\x7f\x00\x00\x00\x00", 8);
  EXPECT_THAT(read_images(file(npy(kFloats, nan))).error().message(), HasSubstr("finite"));
}

}  // namespace
}  // namespace fewbit::quant
