// What parse() is told besides the text: its name, tokens, and how to find what it includes.
#pragma once

#include "base/result.hpp"

#include <functional>
#include <map>
#include <string>

namespace img::kickstart {

/// A text that a kickstart includes.
struct Included {
    std::string file;  ///< For diagnostics, and as `from` of what this text includes.
    std::string text;
};

/// Finds the text that `from` calls `name`: a path, relative to that file, or a URL. The sentence
/// of a failure is shown behind the name.
using IncludeSource =
    std::function<Result<Included>(const std::string& name, const std::string& from)>;

struct ParseOptions {
    std::string file = "kickstart";               ///< For diagnostics.
    std::map<std::string, std::string> tokens{};  ///< "@KEY@" in the text becomes the value.
    IncludeSource include{};                      ///< None: includes are refused.
};

}  // namespace img::kickstart
