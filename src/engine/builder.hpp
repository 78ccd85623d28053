// The stages of a build, one after the other, inside the sandbox.
#pragma once

#include "base/result.hpp"
#include "engine/build_request.hpp"
#include "engine/event.hpp"
#include "engine/plan.hpp"

#include <filesystem>

namespace img::engine {

/// Folders of the sandbox.
struct BuilderFolders {
    std::filesystem::path work;   ///< Grows the tree and the file systems.
    std::filesystem::path cache;  ///< Of packages.
    std::filesystem::path out;    ///< Gets the artefacts.
};

/// Runs every stage and says how each goes; Finished or Failed is left to the caller. Gives back
/// the image's file name in `out`, or what failed and in which stage.
struct BuildFailure {
    Stage stage = Stage::plan;
    Error error;
};
std::expected<std::string, BuildFailure> run_stages(Plan plan,
                                                    const BuildRequest& request,
                                                    const BuilderFolders& folders,
                                                    const EventSink& events);

}  // namespace img::engine
