#include "system/replaceable.hpp"

#include "base/printable.hpp"

#include <fmt/format.h>
#include <system_error>

namespace img::system {

Result<void> check_replaceable(const std::filesystem::path& file) {
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, ignored)) &&
        !std::filesystem::is_regular_file(file, ignored)) {
        return fail(Fault::invalid,
                    fmt::format("'{}' is there and is neither a file nor a link to one; only these "
                                "are replaced: remove it, or give another name",
                                printable(file.string())));
    }
    return {};
}

}  // namespace img::system
