#include "http/event_stream.hpp"

#include <algorithm>

namespace img::http {

namespace {

constexpr std::size_t kLineMax = 1024 * 1024;
constexpr std::size_t kEventMax = 4 * kLineMax;

std::string one_line(std::string text) {
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
    return text;
}

}  // namespace

std::string to_text(const Event& event) {
    std::string text;
    if (!event.name.empty()) {
        text += "event: " + one_line(event.name) + "\n";
    }
    if (!event.id.empty()) {
        text += "id: " + one_line(event.id) + "\n";
    }
    text += "data: ";
    for (std::size_t i = 0; i < event.data.size(); ++i) {
        const char c = event.data[i];
        if (c == '\r' && i + 1 < event.data.size() && event.data[i + 1] == '\n') {
            continue;
        }
        if (c == '\n' || c == '\r') {
            text += "\ndata: ";
        } else {
            text.push_back(c);
        }
    }
    text += "\n\n";
    return text;
}

bool EventReader::add(std::string_view bytes) {
    for (const char c : bytes) {
        const bool ends_pair = after_return_ && c == '\n';
        after_return_ = c == '\r';
        if (ends_pair) {
            continue;
        }
        if (c == '\n' || c == '\r') {
            if (!take(line_)) {
                return false;
            }
            line_.clear();
        } else if (line_.size() == kLineMax) {
            return false;
        } else {
            line_.push_back(c);
        }
    }
    return true;
}

bool EventReader::take(std::string_view line) {
    if (line.empty()) {
        if (has_data_) {
            sink_(event_);
        }
        event_ = {};
        has_data_ = false;
        return true;
    }
    const auto colon = std::min(line.find(':'), line.size());
    const auto field = line.substr(0, colon);
    auto value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) {
        value.remove_prefix(1);
    }
    if (field == "event") {
        event_.name = value;
    } else if (field == "id") {
        event_.id = value;
    } else if (field == "data") {
        if (event_.data.size() + value.size() > kEventMax) {
            return false;
        }
        event_.data += has_data_ ? "\n" : "";
        event_.data += value;
        has_data_ = true;
    }
    return true;
}

}  // namespace img::http
