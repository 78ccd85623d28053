// The kickstart file that a command line names: its text, its name, the tokens to fill in.
#pragma once

#include "base/result.hpp"
#include "kickstart/kickstart.hpp"
#include "syntax/diagnostic.hpp"

#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace img::cli {

/// "-" reads `in`. Fault::missing: no such file; Fault::invalid: a folder, a device, or over
/// 16 MiB, which no kickstart is.
Result<std::string> read_kickstart(const std::string& path, std::istream& in);

/// How diagnostics name it: the path, or "<stdin>".
std::string kickstart_label(const std::string& path);

/// A name for its image: the file's name without ".ks", or "image" for standard input.
std::string kickstart_name(const std::string& path);

/// From "KEY=VALUE" each. Fault::invalid: one has no "=", or no key.
Result<std::map<std::string, std::string>> read_tokens(const std::vector<std::string>& words);

/// The flags of every verb that reads a kickstart file here.
struct KickstartFlags {
    std::string file;
    std::vector<std::string> tokens;
    std::string release;
    std::string include_root;
    bool include_urls = false;
};

/// FILE, --token, --release, --include-root, --include-urls.
void add_options(CLI::App& parser, KickstartFlags& flags);

/// Those given, and BUILD_ID and RELEASE as --release says them.
Result<std::map<std::string, std::string>> tokens_of(const KickstartFlags& flags);

/// Finds what the file includes.
kickstart::IncludeSource includes_of(const KickstartFlags& flags);

/// The text, read with the tokens that a build would fill in.
Result<kickstart::Parsed> parse_text(const KickstartFlags& flags, const std::string& text);

/// [{"file","line","column","severity","text"}, …]
std::string to_json(const std::vector<syntax::Diagnostic>& diagnostics);

}  // namespace img::cli
