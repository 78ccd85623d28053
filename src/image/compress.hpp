// An artefact, compressed.
#pragma once

#include "image/compressor.hpp"
#include "image/image.hpp"

namespace img::image {

/// The refusal of a folder.
std::unexpected<Error> cannot_compress_folder(std::string_view name);

/// Puts "<file>.<ending>" in the place of the file in workshop.out: on all processors, without
/// reading holes, and with the same bytes whatever the number of processors. Where it fails the
/// file is as before. Fault::invalid: it is a folder; else archive::compressing_sink()'s faults.
Result<ImageFile> compress(const Workshop& workshop, const ImageFile& file, Compressor compressor);

}  // namespace img::image
