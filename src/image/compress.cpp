#include "image/compress.hpp"

#include "archive/archive.hpp"
#include "archive/content_reader.hpp"
#include "archive/file_fault.hpp"
#include "system/files.hpp"

#include <fmt/format.h>

namespace img::image {

namespace fs = std::filesystem;

std::unexpected<Error> cannot_compress_folder(std::string_view name) {
    return fail(Fault::invalid,
                fmt::format("{} is a folder and cannot be compressed; choose type tar", name));
}

Result<ImageFile> compress(const Workshop& workshop, const ImageFile& file, Compressor compressor) {
    const fs::path source = workshop.out / file.name;
    if (system::is_folder(source)) {
        return cannot_compress_folder(file.name);
    }
    std::error_code error;
    const std::uint64_t size_bytes = fs::file_size(source, error);
    if (error) {
        return archive::file_fault("read", source, error.value());
    }
    ImageFile compressed = file;
    compressed.name += fmt::format(".{}", to_text(compressor));
    const auto say = [&](std::uint64_t done_bytes) {
        if (workshop.progress) {
            workshop.progress(done_bytes, size_bytes, fmt::format("writing {}", compressed.name));
        }
    };
    say(0);
    auto sink = TRY(archive::file_sink(workshop.out / compressed.name, compressor));
    TRY(archive::copy_content(source, size_bytes, *sink, say));
    TRY(sink->finish());
    fs::remove(source, error);
    return compressed;
}

}  // namespace img::image
