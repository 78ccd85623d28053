#include "archive/archive.hpp"

#include "archive/compressing_sink.hpp"
#include "archive/cpio_writer.hpp"
#include "archive/tar_writer.hpp"
#include "archive/tree_list.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSteps = 50;  // of progress: often enough for a bar, few for a log

Losses losses(TreeFormat format, const TreeList& list) {
    Losses lost;
    for (const std::string& socket : list.sockets) {
        lost.push_back(fmt::format("the socket /{} is left out", socket));
    }
    if (format == TreeFormat::tar) {
        return lost;
    }
    for (const TreeEntry& entry : list.entries) {
        const auto is_capability = [](const auto& one) {
            return one.first == "security.capability";
        };
        if (!entry.first && std::ranges::any_of(entry.attributes, is_capability)) {
            lost.push_back(
                fmt::format("/{} loses its capabilities, for which cpio has no place: "
                            "choose type tar, or set them at the first boot",
                            entry.name));
        }
    }
    return lost;
}

}  // namespace

Result<Losses> write_tree(TreeFormat format,
                          const fs::path& folder,
                          std::int64_t epoch,
                          ByteSink& sink,
                          const TreeProgress& progress) {
    const TreeList list = TRY(list_tree(folder, epoch));
    TarWriter tar(sink);
    CpioWriter cpio(sink);
    std::uint64_t behind = 0;
    std::uint64_t said = 0;
    const BytesDone done = [&](std::uint64_t bytes) {
        if (progress && behind + bytes >= said + list.content_bytes / kSteps) {
            said = behind + bytes;
            progress(said, list.content_bytes);
        }
    };
    for (const TreeEntry& entry : list.entries) {
        const fs::path file = folder / entry.name;
        const auto first = entry.first ? list.entries[*entry.first].name : std::string();
        TRY(format == TreeFormat::tar ? tar.add(entry, "./", file, first, done)
                                      : cpio.add(entry, file, done));
        behind += entry.first ? 0 : entry.size_bytes;
    }
    TRY(format == TreeFormat::tar ? tar.end() : cpio.end());
    TRY(sink.finish());
    return losses(format, list);
}

Result<std::unique_ptr<ByteSink>> file_sink(const fs::path& file,
                                            std::optional<Compressor> compressor) {
    std::unique_ptr<ByteSink> sink = TRY(FileSink::create(file));
    if (compressor) {
        return compressing_sink(*compressor, std::move(sink));
    }
    return sink;
}

}  // namespace img::archive
