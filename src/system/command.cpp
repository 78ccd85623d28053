#include "system/command.hpp"

#include "base/printable.hpp"

#include <fmt/format.h>

namespace img::system {

Result<std::string> CommandRunner::run(const Command& command) {
    Finished finished = TRY(finish(command));
    if (finished.status != 0) {
        constexpr std::size_t kQuotedLines = 12;
        const std::string said = last_lines(finished.tail, kQuotedLines);
        return fail(Fault::broken, fmt::format("{}: exit {}{}{}", command.argv.front(),
                                               finished.status, said.empty() ? "" : ": ", said));
    }
    return std::move(finished.output);
}

}  // namespace img::system
