#include "cli/console.hpp"

#include "cli/interrupts.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

namespace img::cli {
namespace {

constexpr unsigned kUnknownWidth = 80;

unsigned terminal_width() {
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : kUnknownWidth;
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
    return value == nullptr ? std::string() : std::string(value);
}

/// As the C library picks the character set: LC_ALL, then LC_CTYPE, then LANG.
bool shows_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (const auto value = environment(name); !value.empty()) {
            return value.contains("UTF-8") || value.contains("utf8");
        }
    }
    return false;
}

Error become(const std::string& program, std::vector<std::string> arguments) {
    std::error_code unknown;  // without /proc it is looked for in the folder where we are
    const auto path =
        std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path() / program;
    auto said = program;
    std::ranges::replace(said, '-', ' ');  // "img admin", by which img-admin speaks of itself then
    arguments.insert(arguments.begin(), said);
    std::vector<char*> words;
    for (auto& argument : arguments) {
        words.push_back(argument.data());
    }
    words.push_back(nullptr);
    ::execv(path.c_str(), words.data());
    const int error = errno;
    return {Fault::broken, fmt::format("cannot start {}, a part of IMG that belongs beside img: {}",
                                       path.native(), std::generic_category().message(error))};
}

}  // namespace

Console real_console() {
    const bool live = ::isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb";
    const auto interrupts = std::make_shared<std::unique_ptr<Interrupts>>();
    return {
        .in = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .live = live,
        .colours = live && environment("NO_COLOR").empty(),
        .utf8 = shows_utf8(),
        .width = terminal_width,
        .variable = environment,
        .clock = std::chrono::steady_clock::now,
        .interrupts =
            [interrupts] {
                if (!*interrupts) {
                    *interrupts = std::make_unique<Interrupts>();
                }
                return (*interrupts)->token();
            },
        .become = become,
    };
}

}  // namespace img::cli
