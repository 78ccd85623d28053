#include "image/pack.hpp"

#include "archive/archive.hpp"
#include "archive/tar_writer.hpp"
#include "archive/tree_list.hpp"
#include "archive/zip_writer.hpp"
#include "base/printable.hpp"
#include "system/files.hpp"

#include <fmt/format.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

struct PackForm {
    bool zip = false;
    std::optional<Compressor> compressor{};
};

std::optional<PackForm> form_of(std::string_view name) {
    if (name.ends_with(".zip")) {
        return PackForm{.zip = true};
    }
    if (name.ends_with(".tar")) {
        return PackForm{};
    }
    for (const Compressor compressor : archive::kCompressors) {
        if (name.ends_with(fmt::format(".tar.{}", to_text(compressor)))) {
            return PackForm{.compressor = compressor};
        }
    }
    return std::nullopt;
}

/// Says how far all files are, while each says how far it is.
class Packer {
public:
    Packer(const Workshop& workshop, archive::ByteSink& sink, std::int64_t epoch)
        : workshop_(workshop), sink_(sink), epoch_(epoch) {}

    Result<void> tar(const std::vector<ImageFile>& files) {
        archive::TarWriter tar(sink_);
        for (const ImageFile& file : files) {
            const fs::path path = begin(file);
            TRY(system::is_folder(path) ? add_folder(tar, file.name, path)
                                        : tar.add_sparse(file.name, path, epoch_, done()));
        }
        TRY(tar.end());
        return sink_.finish();
    }

    Result<void> zip(const std::vector<ImageFile>& files) {
        auto zip = TRY(archive::ZipWriter::open(sink_));
        for (const ImageFile& file : files) {
            const fs::path path = begin(file);
            TRY(zip.add(file.name, path, done()));
        }
        TRY(zip.end());
        return sink_.finish();
    }

private:
    fs::path begin(const ImageFile& file) {
        name_ = file.name;
        std::error_code ignored;
        const fs::path path = workshop_.out / file.name;
        size_bytes_ = system::is_file(path) ? fs::file_size(path, ignored) : 0;
        return path;
    }

    archive::BytesDone done() const {
        return [this](std::uint64_t bytes) {
            if (workshop_.progress) {
                workshop_.progress(bytes, size_bytes_, fmt::format("packing {}", name_));
            }
        };
    }

    Result<void> add_folder(archive::TarWriter& tar,
                            const std::string& name,
                            const fs::path& path) {
        const auto list = TRY(archive::list_tree(path, epoch_));
        for (const archive::TreeEntry& entry : list.entries) {
            const auto first = entry.first ? list.entries[*entry.first].name : std::string();
            TRY(tar.add(entry, name + "/", path / entry.name, first));
        }
        return {};
    }

    const Workshop& workshop_;
    archive::ByteSink& sink_;
    std::int64_t epoch_;
    std::string name_;              ///< Of the file that is being packed.
    std::uint64_t size_bytes_ = 0;  ///< Of it.
};

std::unexpected<Error> name_is_taken(std::string_view archive_name) {
    return fail(Fault::invalid, fmt::format("'{}' is a file of the image's own, and the archive "
                                            "would take its place: pack it to another name",
                                            printable(archive_name)));
}

}  // namespace

Result<void> check_archive_name(std::string_view archive_name) {
    if (archive_name.empty() || archive_name.starts_with('.') || archive_name.contains('/')) {
        return fail(Fault::invalid,
                    fmt::format("'{}' is no file name to pack to", printable(archive_name)));
    }
    if (!form_of(archive_name)) {
        return fail(Fault::invalid,
                    fmt::format("'{}': an image is packed to .tar, .tar.gz, .tar.xz, .tar.zst, "
                                ".tar.bz2, .tar.lzo or .zip",
                                printable(archive_name)));
    }
    return {};
}

Result<void> check_packable(std::string_view archive_name,
                            std::string_view file_name,
                            bool is_folder) {
    if (archive_name == file_name) {
        return name_is_taken(archive_name);
    }
    if (is_folder && archive_name.ends_with(".zip")) {
        return fail(Fault::invalid, fmt::format("{} is a folder, whose owners a zip cannot hold; "
                                                "pack it to a .tar",
                                                printable(file_name)));
    }
    return {};
}

Result<ImageFile> pack(const Workshop& workshop,
                       const std::vector<ImageFile>& files,
                       std::string_view archive_name,
                       std::int64_t epoch) {
    TRY(check_archive_name(archive_name));
    const PackForm form = *form_of(archive_name);
    std::error_code ignored;
    for (const ImageFile& file : files) {
        TRY(check_packable(archive_name, file.name,
                           fs::is_directory(workshop.out / file.name, ignored)));
    }
    if (fs::exists(fs::symlink_status(workshop.out / archive_name, ignored))) {
        return name_is_taken(archive_name);
    }
    const auto sink = TRY(archive::file_sink(workshop.out / archive_name, form.compressor));
    Packer packer(workshop, *sink, epoch);
    TRY(form.zip ? packer.zip(files) : packer.tar(files));
    for (const ImageFile& file : files) {
        fs::remove_all(workshop.out / file.name, ignored);
    }
    return ImageFile{std::string(archive_name), form.zip ? "zip" : "tar", true};
}

}  // namespace img::image
