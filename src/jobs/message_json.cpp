#include "jobs/message_json.hpp"

namespace img::jobs {

using nlohmann::json;

Result<void> check_kind(const json& body, std::string_view kind) {
    if (body.at("kind").get<std::string>() != kind) {
        return fail(Fault::invalid, fmt::format("message: not of kind \"{}\"", kind));
    }
    return {};
}

namespace {

/// Of the bytes of a UTF-8 character all but the first are like this.
bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

}  // namespace

void cut(std::string& text, std::size_t most) {
    if (text.size() <= most) {
        return;
    }
    while (most > 0 && continues_character(text[most])) {
        --most;
    }
    text.resize(most);
}

void keep_end(std::string& text, std::size_t most) {
    if (text.size() <= most) {
        return;
    }
    auto from = text.size() - most;
    while (from < text.size() && continues_character(text[from])) {
        ++from;
    }
    text.replace(0, from, "… ");
}

void cut(std::vector<std::string>& texts, std::size_t texts_max, std::size_t most) {
    texts.resize(std::min(texts.size(), texts_max));
    for (auto& text : texts) {
        cut(text, most);
    }
}

json body_of(const Progress& progress) {
    return {{"stage", progress.stage},
            {"done", progress.done},
            {"total", progress.total},
            {"unit", progress.unit},
            {"text", progress.text}};
}

Progress progress_from(const json& body) {
    Progress progress;
    read(body, "stage", progress.stage);
    read(body, "done", progress.done);
    read(body, "total", progress.total);
    read(body, "unit", progress.unit);
    read(body, "text", progress.text);
    return progress;
}

json body_of(const JobRequest& request) {
    return {{"name", request.name},
            {"image_type", request.image_type},
            {"kickstart", request.kickstart},
            {"overlay", request.overlay},
            {"email", request.email},
            {"template", request.template_name},
            {"architecture", request.architecture},
            {"priority", request.priority},
            {"reference", request.reference},
            {"fresh", request.is_fresh}};
}

JobRequest request_from(const json& body) {
    JobRequest request;
    read(body, "name", request.name);
    read(body, "image_type", request.image_type);
    read(body, "kickstart", request.kickstart);
    read(body, "overlay", request.overlay);
    read(body, "email", request.email);
    read_if_there(body, "template", request.template_name);
    read_if_there(body, "architecture", request.architecture);
    read_if_there(body, "priority", request.priority);
    read_if_there(body, "reference", request.reference);
    read_if_there(body, "fresh", request.is_fresh);
    return request;
}

}  // namespace img::jobs
