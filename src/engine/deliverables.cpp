#include "engine/deliverables.hpp"

#include "image/compress.hpp"
#include "image/pack.hpp"
#include "vdisk/bmap.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <system_error>

namespace img::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRaw = "raw";

/// mic handed out every release as .img; flashing guides go by that name.
Result<void> rename_for_release(const fs::path& out, image::ImageFile& file) {
    constexpr std::array<std::string_view, 2> kEndings{".iso", ".usbimg"};
    const fs::path path = out / file.name;
    if (std::ranges::find(kEndings, path.extension().string()) == kEndings.end()) {
        return {};
    }
    const fs::path renamed = fs::path(path).replace_extension(".img");
    std::error_code error;
    fs::rename(path, renamed, error);
    if (error) {
        return fail(Fault::broken, fmt::format("{}: {}", path.string(), error.message()));
    }
    file.name = renamed.filename().string();
    return {};
}

/// tar and cpio have compressed themselves while they were written.
bool is_compressed(const image::ImageFile& file, image::Compressor compressor) {
    return file.name.ends_with(fmt::format(".{}", to_text(compressor)));
}

/// "@NAME@.tar.gz" for the image phone is "phone.tar.gz".
std::string archive_name(const BuildRequest& request) {
    constexpr std::string_view kToken = "@NAME@";
    std::string name = request.options.pack_to;
    if (const auto at = name.find(kToken); at != std::string::npos) {
        name.replace(at, kToken.size(), request.name);
    }
    return name;
}

}  // namespace

Result<void> check_deliverables(const BuildRequest& request, const image::ImageType& type) {
    if (request.options.pack_to.empty()) {
        return {};
    }
    const std::string archive = archive_name(request);
    TRY(image::check_archive_name(archive));
    // Of all types' files only these may end as an archive does.
    const auto& compressor = request.options.image.compressor;
    const std::string file = type.in_place
                                 ? request.name
                                 : fmt::format("{}.tar{}{}", request.name, compressor ? "." : "",
                                               compressor ? to_text(*compressor) : "");
    if (type.in_place || type.name == "tar") {
        return image::check_packable(archive, file, type.in_place);
    }
    return {};
}

Result<void> finish_image(const image::Workshop& workshop,
                          const BuildRequest& request,
                          std::vector<image::ImageFile>& files) {
    const auto& compressor = request.options.image.compressor;
    std::vector<image::ImageFile> finished;
    for (image::ImageFile& file : files) {
        if (!file.principal) {
            finished.push_back(std::move(file));
            continue;
        }
        std::vector<image::ImageFile> maps;
        if (!request.options.release.empty()) {
            TRY(rename_for_release(workshop.out, file));
        }
        if (request.options.bmap && file.type == kRaw) {
            const std::string map = fs::path(file.name).replace_extension(".bmap").string();
            TRY(vdisk::write_bmap(workshop.out / file.name, workshop.out / map));
            maps.push_back({map, "bmap"});
        }
        if (compressor && !is_compressed(file, *compressor)) {
            file = TRY(image::compress(workshop, file, *compressor));
        }
        finished.push_back(std::move(file));
        std::ranges::move(maps, std::back_inserter(finished));
    }
    files = std::move(finished);
    return {};
}

Result<void> pack_files(const image::Workshop& workshop,
                        const BuildRequest& request,
                        std::int64_t epoch,
                        std::vector<image::ImageFile>& files) {
    if (request.options.pack_to.empty()) {
        return {};
    }
    files = {TRY(image::pack(workshop, files, archive_name(request), epoch))};
    return {};
}

}  // namespace img::engine
