// What a kickstart's own first line says of how it is to be built.
#pragma once

#include "base/result.hpp"
#include "cli/console.hpp"
#include "cli/kickstart_file.hpp"
#include "engine/build_request.hpp"

namespace img::cli {

/// What a line such as "# -*-mic2-options-*- -f raw --release=7 -*-mic2-options-*-" says counts
/// where the command line has said nothing. Each option that is taken, and each that means nothing
/// here, is told on the console. Afterwards the request has a type and a name. Fault::invalid: an
/// architecture that is not made here, a value that is none, or a name that no image can have.
Result<void> apply_mic2_options(engine::BuildRequest& request,
                                KickstartFlags& kickstart,
                                Console& console);

}  // namespace img::cli
