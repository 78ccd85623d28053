#include "imgd/data_folder.hpp"

#include <fmt/format.h>

namespace img {

Result<system::FileLock> take_data_folder(const Settings& settings) {
    for (const auto& folder : {settings.data, settings.www_root}) {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) {
            return fail(Fault::invalid, fmt::format("{}: {}; choose another folder with --data",
                                                    folder.string(), error.message()));
        }
    }
    auto lock = system::FileLock::try_take(settings.data / "imgd.lock");
    if (!lock && lock.error().fault == Fault::transient) {
        return fail(Fault::transient,
                    fmt::format("another imgd works in {}; stop it, or give this one --data",
                                settings.data.string()));
    }
    return lock;
}

}  // namespace img
