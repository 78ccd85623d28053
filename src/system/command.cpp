#include "system/command.hpp"

#include <fmt/format.h>

namespace img::system {

Result<std::string> CommandRunner::run(const Command& command) {
    Finished finished = TRY(finish(command));
    if (finished.status != 0) {
        return fail(Fault::broken,
                    fmt::format("{}: exit {}{}{}", command.argv.front(), finished.status,
                                finished.tail.empty() ? "" : ": ", finished.tail));
    }
    return std::move(finished.output);
}

}  // namespace img::system
