// All artefacts of an image in one archive.
#pragma once

#include "image/image.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace img::image {

/// The first day that a zip can name, 1 January 1980.
constexpr std::int64_t kFirstZipDay = 315532800;

/// Whether pack() can make it: NAME.tar, NAME.zip, or NAME.tar with the ending of a compressor.
/// Fault::invalid: another ending, or no plain file name.
Result<void> check_archive_name(std::string_view archive_name);

/// Fault::invalid: the archive would take the file's own place, or it is a folder and the archive a
/// zip.
Result<void> check_packable(std::string_view archive_name,
                            std::string_view file_name,
                            bool is_folder);

/// Puts the files into workshop.out / archive_name and removes them: in the order given, sparse in
/// a tar, with `epoch` (seconds) as their time, in a zip with none. A folder (type fs) becomes the
/// members of a tar with all they are. The same files give the same bytes. Where it fails the files
/// are as before. Faults: check_archive_name()'s, check_packable()'s; Fault::invalid: a file of
/// that name is there already; else as compress().
Result<ImageFile> pack(const Workshop& workshop,
                       const std::vector<ImageFile>& files,
                       std::string_view archive_name,
                       std::int64_t epoch = kFirstZipDay);

}  // namespace img::image
