// The kickstart file that a command line names: its text, its name, the tokens to fill in.
#pragma once

#include "base/result.hpp"
#include "kickstart/kickstart.hpp"

#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace img::cli {

/// The original's token for the release that is built, and its value where none is said.
inline constexpr const char* kBuildId = "BUILD_ID";
inline constexpr const char* kLatest = "latest";

/// "-" reads `in`. Fault::missing: no such file; Fault::invalid: a folder, a device, or over
/// 16 MiB, which no kickstart is.
Result<std::string> read_kickstart(const std::string& path, std::istream& in);

/// How diagnostics name it: the path, or "<stdin>".
std::string kickstart_label(const std::string& path);

/// A name for its image: the file's name without ".ks", or "image" for standard input.
std::string kickstart_name(const std::string& path);

/// From "KEY=VALUE" each. Fault::invalid: one has no "=", or no key.
Result<std::map<std::string, std::string>> read_tokens(const std::vector<std::string>& words);

/// What `img check` and `img print` make of the file: with the tokens that a build would fill in,
/// and those given as "KEY=VALUE".
Result<kickstart::Parsed> parse_file(const std::string& path,
                                     const std::vector<std::string>& tokens,
                                     std::istream& in);

/// [{"file","line","column","severity","text"}, …]
std::string to_json(const std::vector<kickstart::Diagnostic>& diagnostics);

}  // namespace img::cli
