// From a request to a plan: the kickstart is read, and everything that is wrong with it said.
#pragma once

#include "base/result.hpp"
#include "engine/build_request.hpp"
#include "engine/plan.hpp"
#include "syntax/diagnostic.hpp"

#include <vector>

namespace img::engine {

/// A plan as far as it goes, and everything that is to say about it.
struct Draft {
    Plan plan;
    std::vector<syntax::Diagnostic> diagnostics;  ///< In the order of the text.
    bool refused = false;                         ///< One of them forbids a build.
};

/// Fault::invalid: the image cannot have that name, there is no such type, or an option
/// has a value that the type cannot fulfil.
Result<Draft> draft_plan(const BuildRequest& request);

/// Fault::invalid: every problem of the file, a diagnostic a line, in the order of the text.
Result<Plan> make_plan(const BuildRequest& request);

}  // namespace img::engine
