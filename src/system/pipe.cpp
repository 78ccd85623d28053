#include "system/pipe.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace img::system {

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        const int error = errno;
        return fail(Fault::exhausted, fmt::format("no pipe: {}", std::strerror(error)));
    }
    return Pipe{Fd(ends[0]), Fd(ends[1])};
}

}  // namespace img::system
