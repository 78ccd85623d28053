// Looks at everything somebody submits, and says all that is wrong with it at once.
#pragma once

#include "api/api.hpp"
#include "jobs/job.hpp"
#include "kickstarter/template_folder.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace img::intake {

struct Complaint {
    std::string
        field;  ///< "name", "type", "architecture", "kickstart", "template", "overlay", "email"
    std::string code;  ///< As Problem::code.
    std::string text;
};

struct Submission {
    jobs::JobRequest request;
    std::vector<Complaint> complaints;
    std::vector<api::Finding> findings;  ///< Of the kickstart: errors, warnings, notes.

    bool is_good() const { return complaints.empty(); }
};

/// What submissions are held against.
struct Rules {
    const std::vector<std::string>& image_types;
    /// What "@KEY@" stands for in a kickstart of that text and name when it is built; empty:
    /// nothing.
    const std::function<std::map<std::string, std::string>(std::string_view, std::string_view)>&
        tokens;
    const kickstarter::TemplateFolder* templates = nullptr;  ///< Null: there are none.
    std::string default_type{};  ///< Where neither request nor kickstart names one; may be empty.
};

/// Fills in the kickstart of a template, and what is missing of name and type: the type is the one
/// that the kickstart suggests.
Submission check(jobs::JobRequest request, const Rules& rules);

/// Diagnostics of a kickstart alone; `name` is that of its image.
std::vector<api::Finding> findings_of(const std::string& kickstart,
                                      const std::string& name,
                                      const Rules& rules);

/// All complaints and the kickstart's first errors, for those who are told in one sentence.
std::string sentence_of(const Submission& submission);

/// "dir/My image.ks" may become "My-image"; empty where no name can be made of it.
std::string name_of_file(std::string_view file);

}  // namespace img::intake
