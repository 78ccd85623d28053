#include "cli/console.hpp"

#include "cli/interrupts.hpp"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <sys/ioctl.h>
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
    };
}

}  // namespace img::cli
