// What the verbs read from and write to: the terminal, or what a test puts in its place.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <iosfwd>
#include <stop_token>
#include <string>
#include <vector>

namespace img::cli {

/// Results go to `out`, so that they can be piped; progress, warnings and errors go to `err`.
struct Console {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool live = false;                ///< `err` is a terminal: progress may redraw its line.
    bool colours = false;             ///< `live`, and NO_COLOR is not set.
    bool utf8 = false;                ///< The terminal shows more than ASCII.
    std::function<unsigned()> width;  ///< Columns of the terminal; asked again for each line.
    std::function<std::string(const char*)> variable;  ///< Environment; "" where it is not set.
    std::function<std::chrono::steady_clock::time_point()> clock;
    /// From the first call on, Ctrl-C no longer ends the program but asks the token to stop.
    std::function<std::stop_token()> interrupts;
    /// Goes on as another program of IMG, which stands beside this one, wherever this one was
    /// called from; comes back only where it cannot.
    std::function<Error(const std::string& program, const std::vector<std::string>& arguments)>
        become;
};

/// Standard streams, the environment and signals of this process.
Console real_console();

}  // namespace img::cli
