// What only the whole of a kickstart can be asked: is there a root, where do packages come from?
#pragma once

#include "kickstart/document.hpp"
#include "syntax/reporter.hpp"

#include <string>

namespace img::kickstart {

/// Says what is missing or said twice; takes repetitions out of `document`'s services. `file`
/// is for what is said in no line.
void check_document(Document& document, const std::string& file, syntax::Reporter& report);

}  // namespace img::kickstart
