// What may be chosen of an image beyond its type, with the words that choose it.
#pragma once

#include "base/result.hpp"
#include "image/image.hpp"
#include "image/image_type.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace img::engine {

struct OutputOptions {
    image::ImageOptions image{};
    bool file_list = false;     ///< <name>.files
    bool license_list = false;  ///< <name>.license
    bool sources = false;       ///< Each package's source in <name>.packages.
    bool md5 = false;           ///< <artefact>.md5sum beside each.
    bool bmap = false;          ///< <image>.bmap beside each raw disk.
    bool copy_kernel = false;   ///< <name>-vmlinuz-<version> of each kernel.
    std::string pack_to;        ///< One archive instead of the files; "@NAME@" is the image's name.
    std::string release;        ///< Papers of a release: the kickstart, the log, three digests.
    std::vector<std::string_view> chosen{};  ///< Names of the options that were set.
};

/// A flag of `img build`, and a word of a mic2-options line.
struct OutputOption {
    std::string_view name;   ///< "--shrink"
    std::string_view value;  ///< What it takes, "SIZE"; empty: nothing.
    std::string_view what;   ///< One line for people.
    /// Fault::invalid: the value is none.
    Result<void> (*set)(OutputOptions& options, std::string_view value);
    std::string_view earlier{};  ///< What mic called it; empty: the same.
    bool (*suits)(const image::ImageType& type) = nullptr;  ///< Types it changes; null: all.
};

std::span<const OutputOption> output_options();

/// Sets what `words` say, "--shrink", "--persistence=1G" or "--persistence 1G", and gives back
/// those words that are no output option. Fault::invalid: a value is missing, or is none; the
/// sentence names the option.
Result<std::vector<std::string>> take_output_options(const std::vector<std::string>& words,
                                                     OutputOptions& options);

/// The options that were set and change nothing of an image of this type.
std::vector<std::string_view> idle_options(const OutputOptions& options,
                                           const image::ImageType& type);

}  // namespace img::engine
