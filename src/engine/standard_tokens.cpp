#include "engine/standard_tokens.hpp"

#include "packages/packages.hpp"
#include "system/process_runner.hpp"

namespace img::engine {

std::map<std::string, std::string> standard_tokens(std::string_view kickstart,
                                                   std::string_view name) {
    std::map<std::string, std::string> tokens{{"ARCH", "amd64"}, {"NAME", std::string(name)}};
    const bool may_name_it = kickstart.contains("@DEBIAN_MIRROR@") ||
                             kickstart.contains("%include") || kickstart.contains("%ksappend");
    if (may_name_it) {
        system::ProcessRunner runner;
        if (auto mirror = packages::debian_mirror(runner); mirror) {
            tokens["DEBIAN_MIRROR"] = *mirror;
        }
    }
    return tokens;
}

}  // namespace img::engine
