// The compressed forms that files can take, by the endings people know them by.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace img::archive {

enum class Compressor { gz, xz, zst, bz2, lzo };

inline constexpr std::array kCompressors{Compressor::gz, Compressor::xz, Compressor::zst,
                                         Compressor::bz2, Compressor::lzo};

/// The word on the command line, and behind the dot of a file name.
constexpr std::string_view to_text(Compressor compressor) {
    switch (compressor) {
        case Compressor::gz: return "gz";
        case Compressor::xz: return "xz";
        case Compressor::zst: return "zst";
        case Compressor::bz2: return "bz2";
        case Compressor::lzo: return "lzo";
    }
    return "gz";
}

constexpr std::optional<Compressor> find_compressor(std::string_view text) {
    for (const Compressor compressor : kCompressors) {
        if (to_text(compressor) == text) {
            return compressor;
        }
    }
    return std::nullopt;
}

}  // namespace img::archive
