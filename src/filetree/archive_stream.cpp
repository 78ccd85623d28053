#include "filetree/archive_stream.hpp"

#include "base/printable.hpp"

#include <algorithm>
#include <archive_entry.h>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace img::filetree {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;

Result<void> expect_packing(archive* opened, std::string_view packing) {
    constexpr std::array kFilters = {
        std::pair{"gzip", ARCHIVE_FILTER_GZIP}, std::pair{"bzip2", ARCHIVE_FILTER_BZIP2},
        std::pair{"xz", ARCHIVE_FILTER_XZ},     std::pair{"lzma", ARCHIVE_FILTER_LZMA},
        std::pair{"zstd", ARCHIVE_FILTER_ZSTD}, std::pair{"lz4", ARCHIVE_FILTER_LZ4}};
    const auto* const found = std::ranges::find_if(
        kFilters, [packing](const auto& filter) { return filter.first == packing; });
    if (found == kFilters.end() ||
        archive_read_append_filter(opened, found->second) != ARCHIVE_OK) {
        return fail(Fault::invalid, fmt::format("it is packed by {}, which IMG does not take off; "
                                                "unpack it and inspect that",
                                                packing));
    }
    return {};
}

std::string why(archive* opened) {
    const char* text = archive_error_string(opened);
    return text == nullptr ? "it is unreadable" : printable(text);
}

Result<OpenArchive> new_archive() {
    OpenArchive made(archive_read_new());
    if (!made) {
        return fail(Fault::exhausted, "there is no memory for reading an archive");
    }
    return made;
}

}  // namespace

ArchiveStream::ArchiveStream(const vdisk::DiskSource& source,
                             std::string packing,
                             std::uint64_t inflated_max)
    : source_(&source),
      packing_(std::move(packing)),
      inflated_left_(inflated_max),
      buffer_(kBuffer) {}

Result<OpenArchive> ArchiveStream::open(bool raw) {
    auto opened = TRY(new_archive());
    if (raw) {
        archive_read_support_format_raw(opened.get());
    } else {
        archive_read_support_format_tar(opened.get());
        archive_read_support_format_cpio(opened.get());
    }
    int code = ARCHIVE_OK;
    if (packing_.empty()) {
        code = archive_read_open2(opened.get(), this, nullptr, read, skip, nullptr);
    } else {
        packed_ = TRY(open_packed());
        code = archive_read_open2(opened.get(), this, nullptr, inflate, nullptr, nullptr);
    }
    if (code != ARCHIVE_OK) {
        return fail(Fault::invalid, why(opened.get()));
    }
    return opened;
}

/// An archive of its own, because only between two of them what comes out can be counted: inside
/// of one, libarchive passes over a file of any length without coming back.
Result<OpenArchive> ArchiveStream::open_packed() {
    auto packed = TRY(new_archive());
    TRY(expect_packing(packed.get(), packing_));
    archive_read_support_format_raw(packed.get());
    archive_entry* entry = nullptr;
    if (archive_read_open2(packed.get(), this, nullptr, read, skip, nullptr) != ARCHIVE_OK ||
        archive_read_next_header(packed.get(), &entry) != ARCHIVE_OK) {
        return fail(Fault::invalid, why(packed.get()));
    }
    return packed;
}

la_ssize_t ArchiveStream::inflate(archive* opened, void* self, const void** bytes) {
    auto& stream = *static_cast<ArchiveStream*>(self);
    std::size_t size = 0;
    while (size == 0 && !stream.cut_) {
        la_int64_t at = 0;
        const int code = archive_read_data_block(stream.packed_.get(), bytes, &size, &at);
        if (code == ARCHIVE_EOF) {
            return 0;
        }
        if (code != ARCHIVE_OK) {
            archive_set_error(opened, EIO, "%s", why(stream.packed_.get()).c_str());
            return ARCHIVE_FATAL;
        }
    }
    if (stream.inflated_left_ == 0) {
        stream.exceeded_ = true;
        archive_set_error(opened, EIO, "more comes out of it than is sane");
        return ARCHIVE_FATAL;
    }
    stream.cut_ = size > stream.inflated_left_;  // a block of lz4 has 4 MiB
    size = std::min<std::uint64_t>(size, stream.inflated_left_);
    stream.inflated_left_ -= size;
    return static_cast<la_ssize_t>(size);
}

la_ssize_t ArchiveStream::read(archive* opened, void* self, const void** bytes) {
    auto& stream = *static_cast<ArchiveStream*>(self);
    const std::uint64_t left = stream.source_->size_bytes() - stream.at_;
    const auto part = std::span(stream.buffer_).first(std::min<std::uint64_t>(left, kBuffer));
    if (const auto done = stream.source_->read(stream.at_, part); !done) {
        archive_set_error(opened, ARCHIVE_FATAL, "%s", done.error().message.c_str());
        return ARCHIVE_FATAL;
    }
    stream.at_ += part.size();
    *bytes = stream.buffer_.data();
    return static_cast<la_ssize_t>(part.size());
}

la_int64_t ArchiveStream::skip(archive* opened, void* self, la_int64_t count) {
    static_cast<void>(opened);
    auto& stream = *static_cast<ArchiveStream*>(self);
    const std::uint64_t left = stream.source_->size_bytes() - stream.at_;
    const auto skipped = std::min<std::uint64_t>(left, static_cast<std::uint64_t>(count));
    stream.at_ += skipped;
    return static_cast<la_int64_t>(skipped);
}

}  // namespace img::filetree
