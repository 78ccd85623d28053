#include "steady/steady.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace img::steady {
namespace {

constexpr int kMisused = 125;  // as env(1) and its like end when they themselves fail

std::string variable(const char* name) {
    const char* const text = std::getenv(name);
    return text != nullptr ? text : "";
}

Settings read_settings() {
    Settings read{.seed = variable("IMG_STEADY_SEED"), .content = variable("IMG_STEADY_CONTENT")};
    const std::string epoch = variable("IMG_STEADY_EPOCH");
    const char* const end = epoch.data() + epoch.size();
    const auto [at, error] = std::from_chars(epoch.data(), end, read.epoch);
    if (error != std::errc() || at != end) {
        std::fputs("libimg-steady.so: IMG_STEADY_EPOCH is no number of seconds\n", stderr);
        ::_exit(kMisused);
    }
    return read;
}

}  // namespace

const Settings& settings() {
    static const Settings kRead = read_settings();
    return kRead;
}

}  // namespace img::steady
