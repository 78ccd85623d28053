// What is to be built, where, and with what.
#pragma once

#include "base/result.hpp"
#include "engine/output_options.hpp"
#include "kickstart/kickstart.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::engine {

/// Where the tree grows up: memory is ten times quicker, a disk holds more.
enum class WorkPlace { automatic, memory, disk };

struct BuildRequest {
    std::string kickstart;               ///< The text.
    std::string kickstart_name;          ///< For diagnostics: "demo.ks".
    kickstart::IncludeSource include{};  ///< Finds what the text includes; none: nothing does.
    std::string image_type;
    std::string name;              ///< Of the artefacts: <name>.raw, <name>.packages.
    std::filesystem::path output;  ///< Is made if need be; filled only on success.
    std::string overlay;           ///< Extra packages: "vim, -nano, @ssh-server".
    std::map<std::string, std::string> tokens;
    std::filesystem::path cache;   ///< Package cache, shared by builds.
    std::uint64_t disk_bytes = 0;  ///< Of a disk image; 0: as large as it needs to be.
    OutputOptions options{};
    bool replace = false;  ///< Files of these names may be there already.
    WorkPlace work = WorkPlace::automatic;
    std::optional<std::int64_t> epoch;  ///< Seconds since 1970, no file is younger; empty: now.
};

/// Fault::invalid: the image's files cannot be called after it. A name is printable UTF-8 of 1 to
/// 128 bytes, which leaves room for endings, without '/', and has no dot or dash in front; nor is
/// it that of a paper which every image has.
Result<void> check_image_name(std::string_view name);

/// A sentence for each thing that is asked for and changes nothing of an image of the request's
/// type; none where there is no such type.
std::vector<std::string> idle_wishes(const BuildRequest& request);

/// $IMG_CACHE, or /var/cache/img for root, or ~/.cache/img.
std::filesystem::path default_cache();

}  // namespace img::engine
