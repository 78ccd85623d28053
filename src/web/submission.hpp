// What somebody submits by a page or by REST: the form, and the answer where it cannot be taken.
#pragma once

#include "api/api.hpp"
#include "http/form.hpp"
#include "intake/submission.hpp"

namespace img::web {

using intake::check;
using intake::findings_of;
using intake::Rules;
using intake::Submission;

/// Of the page's form: an uploaded file wins over pasted text, and its name is the image's where
/// none was given. The priority is left out: see priority_from().
jobs::JobRequest request_from_form(const http::Form& form);

/// What somebody typed as a job's priority; nothing means 0. Fault::invalid: it is no number from
/// jobs::kPriorityMin to jobs::kPriorityMax, in a sentence.
Result<int> priority_from(std::string_view text);

api::Problem problem_of(const Submission& submission);

}  // namespace img::web
