// For tests: disks with known content, and what qemu-img says of the files that hold them.
#pragma once

#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "system/sparse_file.hpp"
#include "tests/support/temp_folder.hpp"
#include "vdisk/vdisk.hpp"

#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace img::vdisk {

/// Bytes that neither compress away nor repeat.
inline std::string noise(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::string bytes(count, '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(random());
    }
    return bytes;
}

/// testing::read_file() goes byte by byte: seconds for a disk, under sanitizers.
inline std::string content(const std::filesystem::path& file) {
    std::string bytes(std::filesystem::file_size(file), '\0');
    std::ifstream(file, std::ios::binary)
        .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

struct Patch {
    std::uint64_t at = 0;
    std::string bytes;
};

inline std::filesystem::path make_raw(const std::filesystem::path& file,
                                      std::uint64_t size,
                                      const std::vector<Patch>& patches) {
    EXPECT_TRUE(system::create_sparse(file, size));
    for (const Patch& patch : patches) {
        EXPECT_TRUE(system::write_at(file, patch.at, patch.bytes));
    }
    return file;
}

/// A format with one of its subformats.
struct Kind {
    DiskFormat format = DiskFormat::raw;
    std::string subformat{};

    std::string text() const {
        return std::string(to_text(format)) + (subformat.empty() ? "" : "-" + subformat);
    }
    /// What qemu-img calls the format.
    std::string qemu() const {
        return format == DiskFormat::vhd ? "vpc" : std::string(to_text(format));
    }
};

/// Every one that IMG writes.
inline std::vector<Kind> all_kinds() {
    std::vector<Kind> kinds;
    for (const auto format : {DiskFormat::raw, DiskFormat::vdi, DiskFormat::vmdk, DiskFormat::qcow2,
                              DiskFormat::vhd, DiskFormat::vhdx}) {
        for (const auto subformat : subformats(format)) {
            kinds.push_back({format, std::string(subformat)});
        }
        if (subformats(format).empty()) {
            kinds.push_back({format});
        }
    }
    return kinds;
}

/// From file to file; the sentence of a failure, or "".
inline std::string convert(const std::filesystem::path& from,
                           const std::filesystem::path& to,
                           const Kind& kind,
                           const std::string& seed = "test") {
    const auto source = open_disk(from);
    if (!source) {
        return source.error().message;
    }
    const auto written =
        write_disk(**source, kind.format,
                   {.file = to, .subformat = kind.subformat, .seed = seed, .epoch = 1700000000});
    return written ? "" : written.error().message;
}

/// qemu-img's answer, or what it complains of.
inline std::string qemu_img(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "qemu-img");
    system::ProcessRunner runner;
    const auto said = runner.run({.argv = std::move(arguments), .captured = true});
    return said ? *said : "FAILED: " + said.error().message;
}

}  // namespace img::vdisk
