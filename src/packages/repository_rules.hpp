// What a repository must be like before a word of it gets into a file of apt's.
#pragma once

#include "packages/packages.hpp"

namespace img::packages {

/// The same repositories, with users and passwords taken out of their URLs into the members for
/// it. Fault::invalid: a word could be read as more than one, or options contradict each other;
/// all of them, each with its place.
Result<std::vector<Repository>> checked(std::vector<Repository> repositories);

}  // namespace img::packages
