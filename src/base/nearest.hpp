// Finds the word that was meant, for "did you mean".
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace img {

/// The candidate closest to `word`, at most two letters away or a third of its length; "" where
/// none is. Two letters that changed places count as one mistake.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace img
