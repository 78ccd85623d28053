// `img admin` as img-admin does it.
#pragma once

#include "cli/verb.hpp"

namespace img::upkeep {

cli::Verb database_verb(CLI::App& img);

}  // namespace img::upkeep
