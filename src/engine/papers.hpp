// The papers of an image: package lists, digests, the manifest.
#pragma once

#include "base/result.hpp"
#include "engine/build_request.hpp"
#include "engine/manifest.hpp"
#include "engine/plan.hpp"
#include "image/image.hpp"
#include "packages/packages.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace img::engine {

/// What a build has to say of itself when its files are there.
struct Outcome {
    std::vector<image::ImageFile> files{};  ///< The image first, then what belongs to it.
    std::vector<packages::InstalledPackage> packages{};
    std::vector<StageTime> stages{};
    std::vector<std::string> warnings{};
};

/// <name>.packages, and <name>.files and <name>.license where they are asked for; adds them to the
/// outcome's files.
Result<void> write_package_lists(const BuildRequest& request,
                                 const std::filesystem::path& out,
                                 Outcome& outcome);

/// Everything in `out` that is not listed yet goes in as type "file". Then SHA256SUMS, the other
/// digests that are asked for, and manifest.json, which is the last.
Result<void> write_papers(const Plan& plan,
                          const BuildRequest& request,
                          const std::filesystem::path& out,
                          Outcome outcome);

}  // namespace img::engine
