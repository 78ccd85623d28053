// A job in words, for people at a terminal.
#pragma once

#include "api/api.hpp"
#include "cli/progress_view.hpp"

#include <string>

namespace img::cli {

/// "2026-11-22 10:07:43", UTC.
std::string to_text(jobs::Time time);

/// The lines of `img status`; `page` is where a browser finds it.
std::string describe(const api::JobView& job, const std::string& page);

/// The head of the table and a row of it, as `img list` prints them.
std::string list_head();
std::string list_row(const api::JobView& job);

/// What a progress view shows of it.
ProgressState progress_of(const api::JobView& job);

}  // namespace img::cli
