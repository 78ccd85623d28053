// What a running build tells whoever watches it, and the line of JSON that carries it.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace img::engine {

/// The stages of a build, in their order.
enum class Stage { plan, fetch, install, configure, scripts, assemble };

std::string_view to_text(Stage stage);

/// How far a stage is. One with done == total ends it.
struct Progressed {
    Stage stage = Stage::plan;
    std::uint64_t done = 0;
    std::uint64_t total = 0;  ///< 0: the end is not known.
    std::string unit;         ///< "packages", "bytes"; empty without total.
    std::string text;         ///< One line for people: "unpacking 165 packages".
};

/// A line of the build log.
struct Logged {
    std::string line;
};

/// The last event of a build that succeeded.
struct Finished {
    std::string image;   ///< The main artefact's file name.
    std::string folder;  ///< The folder that holds it, the package list, manifest.json, SHA256SUMS.
};

/// The last event of one that did not.
struct Failed {
    Stage stage = Stage::plan;
    Error error;
};

using Event = std::variant<Progressed, Logged, Finished, Failed>;
using EventSink = std::function<void(const Event&)>;

/// One line without its end, as `img build --json` prints it:
///   {"event":"progress","stage":"fetch","done":3,"total":9,"unit":"packages","text":"…"}
///   {"event":"log","line":"Setting up libc6 …"}
///   {"event":"finished","image":"debian.raw","folder":"/srv/out"}
///   {"event":"failed","stage":"scripts","fault":"broken","error":"%post (line 40): exit 3"}
std::string to_json(const Event& event);

/// Fault::invalid: the line is none of those.
Result<Event> event_from_json(std::string_view line);

}  // namespace img::engine
