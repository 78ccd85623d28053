#include "inspect/unpacked_file.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"
#include "filetree/archive_stream.hpp"

#include <algorithm>
#include <archive_entry.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <sys/statvfs.h>
#include <unistd.h>

namespace img::inspect {
namespace {

constexpr std::uint64_t kCheckEvery = 64 * kMiB;
constexpr std::size_t kBlock = 4096;  // zeros of this length become holes

std::unexpected<Error> no_room(const std::filesystem::path& folder) {
    return fail(Fault::exhausted,
                fmt::format("{} has no room for the unpacked image; set TMPDIR to a folder that "
                            "has, or unpack the image and inspect that",
                            folder.string()));
}

bool has_room(int fd) {
    struct statvfs facts{};
    return ::fstatvfs(fd, &facts) == 0 &&
           std::uint64_t{facts.f_bavail} * facts.f_frsize > kSpaceLeft + kCheckEvery;
}

bool all_zeros(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
}

/// Writes what is not zero; false: errno says why not.
bool write_sparse(int fd, std::string_view bytes, off_t at) {
    while (!bytes.empty()) {
        const auto piece = bytes.substr(0, kBlock);
        if (!all_zeros(piece) &&
            ::pwrite(fd, piece.data(), piece.size(), at) != static_cast<ssize_t>(piece.size())) {
            return false;
        }
        at += static_cast<off_t>(piece.size());
        bytes.remove_prefix(piece.size());
    }
    return true;
}

std::string unpacking_failed(std::string_view why) {
    return fmt::format("it cannot be unpacked: {}", why);
}

std::unexpected<Error> damaged(archive* opened) {
    const char* why = archive_error_string(opened);
    return fail(Fault::invalid,
                unpacking_failed(printable(why == nullptr ? "it is damaged" : why)));
}

/// Gives the length of what was unpacked.
Result<std::uint64_t> unpack_into(int fd, archive* opened, const std::filesystem::path& folder) {
    std::uint64_t end = 0;
    std::uint64_t checked = 0;
    for (;;) {
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t at = 0;
        const int code = archive_read_data_block(opened, &block, &size, &at);
        if (code == ARCHIVE_EOF) {
            return end;
        }
        if (code != ARCHIVE_OK) {
            return damaged(opened);
        }
        if (end >= checked && !has_room(fd)) {
            return no_room(folder);
        }
        checked = std::max(checked, end / kCheckEvery * kCheckEvery + kCheckEvery);
        if (!write_sparse(fd, {static_cast<const char*>(block), size}, at)) {
            return no_room(folder);
        }
        end = static_cast<std::uint64_t>(at) + size;
    }
}

}  // namespace

Result<UnpackedFile> UnpackedFile::unpack(const vdisk::DiskSource& source,
                                          const std::string& packing,
                                          const std::filesystem::path& folder,
                                          std::uint64_t unpacked_max) {
    filetree::ArchiveStream stream(source, packing, unpacked_max);
    const auto opened = stream.open(true);
    if (!opened) {
        return fail(opened.error().fault, unpacking_failed(opened.error().message));
    }
    archive_entry* entry = nullptr;
    if (archive_read_next_header(opened->get(), &entry) != ARCHIVE_OK) {
        return damaged(opened->get());
    }
    system::Fd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!fd) {
        return fail(Fault::broken,
                    fmt::format("{}: no temporary file can be made there: {}; set TMPDIR to "
                                "another folder",
                                folder.string(), std::strerror(errno)));
    }
    const auto size = unpack_into(fd.get(), opened->get(), folder);
    if (stream.exceeded()) {
        return fail(Fault::exhausted,
                    fmt::format("more than {} come out of it; unpack it by hand and inspect that",
                                human_size(unpacked_max)));
    }
    if (!size) {
        return std::unexpected(size.error());
    }
    if (::ftruncate(fd.get(), static_cast<off_t>(*size)) != 0) {
        return no_room(folder);
    }
    return UnpackedFile(std::move(fd));
}

std::filesystem::path UnpackedFile::path() const {
    return fmt::format("/proc/{}/fd/{}", ::getpid(), fd_.get());
}

}  // namespace img::inspect
