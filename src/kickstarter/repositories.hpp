// repos.yaml: where packages come from, by the names that configurations use.
#pragma once

#include "kickstarter/yaml_value.hpp"
#include "syntax/reporter.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstarter {

struct Repository {
    std::string name{};
    std::string url{};                     ///< With Username and Password in it, if it has them.
    std::optional<std::string> options{};  ///< Of its `repo` line, in place of the common ones.
    Location where{};
};

/// In their order; two of one name both count.
std::vector<Repository> read_repositories(std::string_view text,
                                          const std::string& file,
                                          syntax::Reporter& report);

}  // namespace img::kickstarter
