// From the files that a type's writer has made to those that are handed out.
#pragma once

#include "base/result.hpp"
#include "engine/build_request.hpp"
#include "image/image.hpp"

#include <cstdint>
#include <vector>

namespace img::engine {

/// What is known of them before there is a tree. Fault::invalid: what --pack-to asks for is no name
/// for an archive, or one that the image's own file has, or the archive cannot hold it.
Result<void> check_deliverables(const BuildRequest& request, const image::ImageType& type);

/// Of the principal files, in this order, as the options say: a release's endings (.img), block
/// maps of raw disks, compression.
/// The files stay in their order, and each with what belongs to it behind it. Faults as
/// image::compress() and vdisk::write_bmap().
Result<void> finish_image(const image::Workshop& workshop,
                          const BuildRequest& request,
                          std::vector<image::ImageFile>& files);

/// One archive in place of all files, where --pack-to asks for it; `epoch` is what members are
/// dated. Faults as image::pack().
Result<void> pack_files(const image::Workshop& workshop,
                        const BuildRequest& request,
                        std::int64_t epoch,
                        std::vector<image::ImageFile>& files);

}  // namespace img::engine
