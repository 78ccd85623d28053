#include "engine/output_options.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "image/pack.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace img::engine {
namespace {

template <bool OutputOptions::* Member>
Result<void> turn_on(OutputOptions& options, std::string_view) {
    options.*Member = true;
    return {};
}

Result<void> set_subformat(OutputOptions& options, std::string_view value) {
    options.image.subformat = value;
    return {};
}

Result<void> set_volume_id(OutputOptions& options, std::string_view value) {
    options.image.volume_id = value;
    return {};
}

Result<void> set_persistence(OutputOptions& options, std::string_view value) {
    options.image.persistence_bytes = TRY(parse_size(value));
    return {};
}

/// mic counted in MiB.
Result<void> set_persistence_mib(OutputOptions& options, std::string_view value) {
    options.image.persistence_bytes = TRY(parse_size(std::string(value) + "M"));
    return {};
}

Result<void> set_compressor(OutputOptions& options, std::string_view value) {
    constexpr std::pair<std::string_view, std::string_view> kPrograms[] = {
        {"gzip", "gz"}, {"bzip2", "bz2"}, {"lzop", "lzo"}, {"zstd", "zst"}};
    for (const auto& [program, ending] : kPrograms) {
        value = value == program ? ending : value;
    }
    options.image.compressor = image::find_compressor(value);
    if (!options.image.compressor) {
        return fail(
            Fault::invalid,
            fmt::format("no compression '{}'; there is: gz, xz, zst, bz2, lzo", printable(value)));
    }
    return {};
}

Result<void> set_virt_xml(OutputOptions& options, std::string_view) {
    options.image.virt_xml = true;
    return {};
}

Result<void> set_shrink(OutputOptions& options, std::string_view) {
    options.image.shrink = true;
    return {};
}

/// The shorter endings are those that mic knew.
Result<void> set_pack_to(OutputOptions& options, std::string_view value) {
    constexpr std::pair<std::string_view, std::string_view> kShort[] = {
        {".tgz", ".tar.gz"},   {".taz", ".tar.gz"},     {".tbz", ".tar.bz2"},
        {".tbz2", ".tar.bz2"}, {".tar.bz", ".tar.bz2"}, {".tzo", ".tar.lzo"}};
    options.pack_to = value;
    for (const auto& [ending, whole] : kShort) {
        if (value.ends_with(ending)) {
            options.pack_to =
                fmt::format("{}{}", value.substr(0, value.size() - ending.size()), whole);
        }
    }
    return image::check_archive_name(options.pack_to);
}

Result<void> set_records(OutputOptions& options, std::string_view value) {
    for (const auto& kind : split(value, ",")) {
        if (kind == "content") {
            options.file_list = true;
        } else if (kind == "license") {
            options.license_list = true;
        } else if (kind == "vcs") {
            options.sources = true;
        } else if (kind != "name") {  // names are always recorded
            return fail(Fault::invalid,
                        fmt::format("'{}' cannot be recorded; there is: name, content, license, "
                                    "vcs",
                                    printable(kind)));
        }
    }
    return {};
}

constexpr bool can_shrink(const image::ImageType& type) {
    return type.name == "loop" || type.name == "ext4";
}

constexpr bool is_stick(const image::ImageType& type) {
    return type.name == "liveusb";
}

constexpr bool is_iso(const image::ImageType& type) {
    return type.name == "livecd";
}

constexpr bool is_raw(const image::ImageType& type) {
    return type.name == "raw";
}

constexpr bool has_raw_disk(const image::ImageType& type) {
    return is_raw(type) || type.name == "mrstnand";
}

constexpr std::array kOptions{
    OutputOption{"--subformat", "NAME", "Subformat of the type; `img types` lists them",
                 set_subformat},
    OutputOption{"--compress", "FORM", "Compress the image: gz, xz, zst, bz2, lzo", set_compressor,
                 "--compress-image"},
    OutputOption{"--shrink", "", "File systems as small as their content (loop, ext4)", set_shrink,
                 "", can_shrink},
    OutputOption{"--persistence", "SIZE", "What a live stick keeps of changes (512M)",
                 set_persistence, "", is_stick},
    OutputOption{"--overlay-size-mb", "MIB", "The same in MiB, as mic has it", set_persistence_mib,
                 "", is_stick},
    OutputOption{"--volume-id", "TEXT", "Volume id of an ISO (the image's name)", set_volume_id,
                 "--volumeid", is_iso},
    OutputOption{"--bmap", "", "A block map beside each raw disk, for bmaptool",
                 turn_on<&OutputOptions::bmap>, "--generate-bmap", has_raw_disk},
    OutputOption{"--virt-xml", "", "A description for virt-image beside the raw disks",
                 set_virt_xml, "", is_raw},
    OutputOption{"--md5", "", "An .md5sum beside each artefact", turn_on<&OutputOptions::md5>,
                 "--genchecksum"},
    OutputOption{"--copy-kernel", "", "The tree's kernels beside the image",
                 turn_on<&OutputOptions::copy_kernel>, "--save-kernel"},
    OutputOption{"--record-pkgs", "LIST", "Record name, content, license, vcs of the packages",
                 set_records},
    OutputOption{"--pack-to", "FILE", "All artefacts in one archive, NAME.tar.zst or the like",
                 set_pack_to, "--taring-to"},
};

const OutputOption* find(std::string_view name) {
    const auto* const found = std::ranges::find_if(kOptions, [&](const OutputOption& option) {
        return option.name == name || (!option.earlier.empty() && option.earlier == name);
    });
    return found == kOptions.end() ? nullptr : found;
}

Result<void> set(const OutputOption& option, std::string_view value, OutputOptions& options) {
    if (auto done = option.set(options, value); !done) {
        return fail(done.error().fault, fmt::format("{}: {}", option.name, done.error().message));
    }
    if (std::ranges::find(options.chosen, option.name) == options.chosen.end()) {
        options.chosen.push_back(option.name);
    }
    return {};
}

}  // namespace

std::span<const OutputOption> output_options() {
    return kOptions;
}

Result<std::vector<std::string>> take_output_options(const std::vector<std::string>& words,
                                                     OutputOptions& options) {
    std::vector<std::string> left;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        const auto equals = word.find('=');
        const OutputOption* const option = find(word.substr(0, equals));
        if (option == nullptr) {
            left.push_back(words[i]);
        } else if (option->value.empty() && equals != std::string_view::npos) {
            return fail(Fault::invalid, fmt::format("{} takes no value", option->name));
        } else if (option->value.empty()) {
            TRY(set(*option, "", options));
        } else if (equals != std::string_view::npos) {
            TRY(set(*option, word.substr(equals + 1), options));
        } else if (i + 1 < words.size()) {
            TRY(set(*option, words[++i], options));
        } else {
            return fail(Fault::invalid, fmt::format("{} wants a value: {}={}", option->name,
                                                    option->name, option->value));
        }
    }
    return left;
}

std::vector<std::string_view> idle_options(const OutputOptions& options,
                                           const image::ImageType& type) {
    std::vector<std::string_view> idle;
    for (const auto name : options.chosen) {
        const auto* const option = find(name);
        if (option != nullptr && option->suits != nullptr && !option->suits(type)) {
            idle.push_back(name);
        }
    }
    return idle;
}

}  // namespace img::engine
