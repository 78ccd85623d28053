// The services of a tree, as systemd calls them: units, told by their files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace img::tree {

class Tree;

/// "ssh" is ssh.service; a word with a unit's suffix stays as it is.
std::string unit_name(std::string_view service);

/// "ssh" of "ssh.service": the name of its init script.
std::string service_name(std::string_view unit);

/// Whether systemd would find the unit in the tree: the file itself, its template, or an init
/// script of its name.
bool has_unit(const Tree& tree, std::string_view unit);

/// The names of all files of units.
std::vector<std::string> all_units(const Tree& tree);

}  // namespace img::tree
