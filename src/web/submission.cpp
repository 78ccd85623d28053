#include "web/submission.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace img::web {

jobs::JobRequest request_from_form(const http::Form& form) {
    jobs::JobRequest request;
    request.name = trim(form.get("name"));
    request.image_type = trim(form.get("type"));
    request.kickstart = form.get("kickstart");
    request.template_name = trim(form.get("template"));
    request.overlay = trim(form.get("overlay"));
    request.email = trim(form.get("email"));
    request.is_fresh = form.find("fresh") != nullptr;  // a box that is not ticked is not sent
    // Browsers send CR LF for every line end of a text area; the file had LF.
    std::erase(request.overlay, '\r');
    const auto* const file = form.find("file");
    if (file != nullptr && !file->value.empty()) {
        request.kickstart = file->value;
        if (request.name.empty()) {
            request.name = intake::name_of_file(file->file_name);
        }
    } else {
        std::erase(request.kickstart, '\r');
    }
    return request;
}

Result<int> priority_from(std::string_view text) {
    text = trim(text);
    int priority = 0;
    if (text.empty()) {
        return priority;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), priority);
    if (error != std::errc{} || end != text.data() + text.size() || !jobs::is_priority(priority)) {
        return fail(Fault::invalid, fmt::format("\"{}\" is no whole number from {} to {}",
                                                printable(text.substr(0, 40)), jobs::kPriorityMin,
                                                jobs::kPriorityMax));
    }
    return priority;
}

api::Problem problem_of(const Submission& submission) {
    api::Problem problem{.status = 400,
                         .code = submission.complaints.front().code,
                         .title = "The job cannot be taken as it is",
                         .detail = {},
                         .next = "mend what is named and submit it again",
                         .findings = submission.findings};
    for (const auto& complaint : submission.complaints) {
        problem.detail +=
            (problem.detail.empty() ? "" : "; ") + complaint.field + ": " + complaint.text;
    }
    return problem;
}

}  // namespace img::web
