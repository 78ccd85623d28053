// The text of a kickstart from a configuration, byte for byte as the kickstarter of 2010 wrote it.
#pragma once

#include "kickstarter/configuration.hpp"
#include "kickstarter/repositories.hpp"

#include <optional>
#include <string>
#include <vector>

namespace img::kickstarter {

/// What a configuration names, found.
struct Ingredients {
    std::vector<const Repository*> repositories{};
    std::optional<std::string> part{};  ///< In place of the `part` line.
    std::string post{};                 ///< Scripts, each with two line ends behind it.
    std::string nochroot{};
    std::string build_id{};  ///< For @BUILD_ID@ in addresses; empty: it stays there.
};

/// Everything that it needs has been said, and no value in it has a line end: see check_keys().
std::string write_kickstart(const Configuration& configuration, const Ingredients& ingredients);

}  // namespace img::kickstarter
