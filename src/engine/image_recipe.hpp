// What a plan comes down to for whoever writes the image.
#pragma once

#include "engine/build_request.hpp"
#include "engine/plan.hpp"
#include "image/image.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace img::engine {

/// The disk of that number in Plan::disks, with the partitions that lie on it.
disk::DiskRecipe disk_recipe(const Plan& plan, std::size_t number);

/// Identities and sizes are settled, and the partitions' content is in place; `seed` as for
/// identify(), `tree` is what is mounted at "/".
image::ImageRecipe image_recipe(const Plan& plan,
                                const BuildRequest& request,
                                const std::string& seed,
                                const std::filesystem::path& tree);

}  // namespace img::engine
