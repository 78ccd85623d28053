// What a program says of words on its command line that it has no use for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img {

/// "; did you mean 'check'?", or nothing where no candidate is near.
std::string meant(std::string_view word, const std::vector<std::string>& candidates);

/// What is wrong with words that no option or argument took; nothing where there are none.
/// `command` is the verb that they followed, empty in a program without verbs; `options` have their
/// dashes.
std::optional<std::string> stray_word(std::string_view command,
                                      const std::vector<std::string>& strays,
                                      const std::vector<std::string>& options);

/// The sentence and where help is: "img: there is no …\nSee `img --help`.\n"
std::string complaint(std::string_view program, std::string_view sentence, std::string_view help);

}  // namespace img
