// SHA-256, of texts and of files; a hole in a sparse file is hashed without being read.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace img {

/// A running SHA-256. libcrypto's, because it uses the processor's instructions: 1.7 GB/s
/// where a plain implementation does 0.3.
class Sha256 {
public:
    Sha256();
    void add(std::string_view bytes);
    /// As many zero bytes, for the holes of a sparse file.
    void add_zeros(std::uint64_t count);
    /// The length in eight bytes, then the text: two fields can never be read as one.
    void add_field(std::string_view field);
    /// 64 lower-case hexadecimal digits. Call it once, last.
    std::string hex();

private:
    struct Free {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Free> context_;
};

std::string sha256_hex(std::string_view text);

/// Fault::missing: the file cannot be opened; Fault::broken: it cannot be read.
Result<std::string> sha256_file(const std::filesystem::path& file);

}  // namespace img
