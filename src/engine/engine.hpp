// Builds an image: a kickstart text in, a folder with the image and its papers out.
//
// Knows the stages of a build and what passes between them: it turns a kickstart Document into a
// package selection, a configured tree and a disk recipe. Must never know jobs, users or brokers:
// whoever asks hears of it through events.
#pragma once

#include "base/result.hpp"
#include "engine/event.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace img::engine {

/// What `img types` lists.
struct ImageType {
    std::string_view name;
    std::string_view what;  ///< One line for people.
};

/// In the order in which they are offered.
std::span<const ImageType> image_types();

/// Fault::invalid: no such type; the sentence names the nearest one, or all.
Result<ImageType> find_image_type(std::string_view name);

/// Where the tree grows up: memory is ten times quicker, a disk holds more.
enum class WorkPlace { automatic, memory, disk };

struct BuildRequest {
    std::string kickstart;       ///< The text.
    std::string kickstart_name;  ///< For diagnostics: "demo.ks".
    std::string image_type;
    std::string name;              ///< Of the artefacts: <name>.raw, <name>.packages.
    std::filesystem::path output;  ///< Is made if need be; filled only on success.
    std::string overlay;           ///< Extra packages: "vim, -nano, @ssh-server".
    std::map<std::string, std::string> tokens;
    std::filesystem::path cache;   ///< Package cache, shared by builds.
    std::uint64_t disk_bytes = 0;  ///< Of a disk image; 0: as large as it needs to be.
    bool replace = false;          ///< Files of these names may be there already.
    WorkPlace work = WorkPlace::automatic;
    std::optional<std::int64_t> epoch;  ///< SOURCE_DATE_EPOCH; empty: now.
};

/// The tokens that every kickstart may use, beside what the user gives: DEBIAN_MIRROR if the text
/// names it and the machine has one, ARCH, NAME.
std::map<std::string, std::string> standard_tokens(std::string_view kickstart,
                                                   std::string_view name);

/// $IMG_CACHE, or /var/cache/img for root, or ~/.cache/img.
std::filesystem::path default_cache();

/// Builds it, in a sandbox of its own (see system/sandbox.hpp), and returns when every process of
/// it is gone. Until it has succeeded nothing is in `output` but a hidden folder that goes with
/// it. Events come from the calling thread; the last is Finished or Failed, and says what the
/// Result says. Call it while the process has no other threads. Fault::invalid: the kickstart or
/// the request is wrong, every diagnostic on a line of its own; Fault::transient: stopped.
Result<Finished> build(const BuildRequest& request, const EventSink& events, std::stop_token stop);

}  // namespace img::engine
