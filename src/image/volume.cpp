#include "image/volume.hpp"

#include "base/printable.hpp"
#include "image/uuid_text.hpp"
#include "system/fd.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace img::image {

Result<void> create_sparse(const std::filesystem::path& file, std::uint64_t size_bytes) {
    const system::Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(size_bytes)) != 0) {
        const int error = errno;
        const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
        return fail(full ? Fault::exhausted : Fault::broken,
                    fmt::format("make {} of {} bytes: {}", file.string(), size_bytes,
                                std::generic_category().message(error)));
    }
    return {};
}

Result<void> check_label(const Volume& volume, std::string_view kind, std::size_t bytes_max) {
    if (volume.label.size() > bytes_max) {
        return fail(Fault::invalid,
                    fmt::format("{}: the label '{}' is over the {} bytes that {} can hold",
                                volume.name, printable(volume.label), bytes_max, kind));
    }
    if (std::ranges::any_of(volume.label, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
        return fail(Fault::invalid, fmt::format("{}: the label '{}' holds control characters",
                                                volume.name, printable(volume.label)));
    }
    return {};
}

Result<void> check_uuid(const Volume& volume) {
    if (const auto uuid = parse_uuid(volume.uuid); !uuid) {
        return fail(Fault::invalid, fmt::format("{}: {}", volume.name, uuid.error().message));
    }
    return {};
}

}  // namespace img::image
