// The control fields of a Debian package, and what its dependency fields name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace img::packages {

/// A relation such as "a | b (>= 2)": any one of these names serves.
using Alternatives = std::vector<std::string>;

struct DebControl {
    std::string name, version, architecture;
    bool essential = false;
    std::vector<Alternatives> pre_depends, depends;
    std::vector<std::string> provides;
};

/// Names without versions, architectures and qualifiers: the archives' solver has seen to those.
std::vector<Alternatives> parse_relations(std::string_view field);

/// Reads the first paragraph of a control file (deb-control(5)); unknown fields are passed over.
DebControl parse_control(std::string_view text);

}  // namespace img::packages
