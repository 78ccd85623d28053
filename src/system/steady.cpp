#include "system/steady.hpp"

#include <fmt/format.h>

namespace img::system {

namespace fs = std::filesystem;

fs::path program_folder() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).parent_path();
}

Result<fs::path> steady_library(const fs::path& bin) {
    std::error_code error;
    const fs::path name = fs::path(kSteadyInSandbox).filename();
    for (const fs::path& file :
         {fs::path(kSteadyInSandbox), bin / "../lib" / name, bin / "../lib/img" / name}) {
        if (fs::is_regular_file(file, error)) {
            return file.lexically_normal();
        }
    }
    return fail(Fault::missing,
                fmt::format("{0} is not in {1} nor in {1}/img: without it no two images would be "
                            "the same; put it there, it is built with img",
                            name.string(), (bin / "../lib").lexically_normal().string()));
}

Result<std::vector<std::string>> steady_environment(const Steady& steady) {
    const fs::path library = TRY(steady_library());
    return std::vector<std::string>{
        "LD_PRELOAD=" + library.string(), fmt::format("IMG_STEADY_EPOCH={}", steady.epoch),
        "IMG_STEADY_SEED=" + steady.seed, "IMG_STEADY_CONTENT=" + steady.content.string()};
}

}  // namespace img::system
