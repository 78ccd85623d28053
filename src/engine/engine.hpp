// Builds an image: a kickstart text in, a folder with the image and its papers out.
//
// Knows the stages of a build and what passes between them: it turns a kickstart Document into a
// package selection, a configured tree and a disk recipe. Must never know jobs, users or brokers:
// whoever asks hears of it through events.
#pragma once

#include "base/result.hpp"
#include "engine/build_request.hpp"
#include "engine/event.hpp"
#include "syntax/diagnostic.hpp"

#include <stop_token>

namespace img::engine {

/// Builds it, in a sandbox of its own (see system/sandbox.hpp), and returns when every process of
/// it is gone. Until it has succeeded nothing is in `output` but a hidden folder that goes with
/// it. Events come from the calling thread; the last is Finished or Failed, and says what the
/// Result says. Call it while the process has no other threads. Fault::invalid: the kickstart or
/// the request is wrong, every diagnostic on a line of its own; Fault::transient: stopped.
Result<Finished> build(const BuildRequest& request, const EventSink& events, std::stop_token stop);

/// What a build of the request would say before it begins, the wishes that are idle included.
/// Fault::invalid: the image cannot have that name, there is no such type, or an option has a
/// value that the type cannot fulfil.
Result<std::vector<syntax::Diagnostic>> check(const BuildRequest& request);

}  // namespace img::engine
