#include "archive/cpio_writer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <sys/stat.h>

namespace img::archive {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();  // eight digits
constexpr std::uint64_t kRecord = 512;  // the end is padded to it, as cpio does

}  // namespace

Result<void> CpioWriter::pad(std::uint64_t to_multiple_of) {
    const std::uint64_t over = at_ % to_multiple_of;
    if (over == 0) {
        return {};
    }
    at_ += to_multiple_of - over;
    return sink_.write(std::string(static_cast<std::size_t>(to_multiple_of - over), '\0'));
}

Result<void> CpioWriter::member(const TreeEntry& entry, std::uint64_t size_bytes) {
    const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(entry.modified, 0));
    const std::array<std::uint64_t, 13> fields{entry.file,
                                               entry.mode,
                                               entry.user,
                                               entry.group,
                                               S_ISDIR(entry.mode) ? 2 : entry.links,
                                               std::min(seconds, kMost),
                                               size_bytes,
                                               0,  // device that it lies on: one for all
                                               0,
                                               entry.device_major,
                                               entry.device_minor,
                                               entry.name.size() + 1,
                                               0};  // checksum: not in this kind
    std::string text = "070701";
    for (const std::uint64_t field : fields) {
        text += fmt::format("{:08X}", field);
    }
    text += entry.name;
    text += '\0';
    at_ += text.size();
    TRY(sink_.write(text));
    return pad(4);
}

Result<void> CpioWriter::add(const TreeEntry& entry,
                             const std::filesystem::path& file,
                             const BytesDone& done) {
    if (entry.size_bytes > kMost) {
        return fail(Fault::invalid,
                    fmt::format("{} is over the 4 GiB that cpio can hold; choose type tar, or "
                                "remove it in %post",
                                entry.name));
    }
    if (S_ISLNK(entry.mode)) {
        TRY(member(entry, entry.target.size()));
        at_ += entry.target.size();
        TRY(sink_.write(entry.target));
        return pad(4);
    }
    const std::uint64_t size_bytes = entry.last_link ? entry.size_bytes : 0;
    TRY(member(entry, size_bytes));
    if (size_bytes != 0) {
        TRY(copy_content(file, size_bytes, sink_, done));
        at_ += size_bytes;
    }
    return pad(4);
}

Result<void> CpioWriter::end() {
    TreeEntry trailer;
    trailer.name = "TRAILER!!!";
    TRY(member(trailer, 0));
    return pad(kRecord);
}

}  // namespace img::archive
