#include "filetree/archive_stream.hpp"

#include "base/printable.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::filetree {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;

void accept_compressions(archive* opened) {
    archive_read_support_filter_gzip(opened);
    archive_read_support_filter_bzip2(opened);
    archive_read_support_filter_xz(opened);
    archive_read_support_filter_lzma(opened);
    archive_read_support_filter_zstd(opened);
    archive_read_support_filter_lz4(opened);
}

}  // namespace

ArchiveStream::ArchiveStream(const vdisk::DiskSource& source)
    : source_(&source), buffer_(kBuffer) {}

Result<OpenArchive> ArchiveStream::open(bool raw) {
    OpenArchive opened(archive_read_new());
    if (!opened) {
        return fail(Fault::exhausted, "there is no memory for reading an archive");
    }
    accept_compressions(opened.get());
    if (raw) {
        archive_read_support_format_raw(opened.get());
    } else {
        archive_read_support_format_tar(opened.get());
        archive_read_support_format_cpio(opened.get());
    }
    if (archive_read_open2(opened.get(), this, nullptr, read, skip, nullptr) != ARCHIVE_OK) {
        const char* why = archive_error_string(opened.get());
        return fail(Fault::invalid, printable(why == nullptr ? "unreadable" : why));
    }
    return opened;
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
