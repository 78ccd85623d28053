// The front door of a service without a broker: nobody comes, and nobody waits for an answer.
#pragma once

#include "jobs/front_door.hpp"

namespace img::broker {

class ClosedFrontDoor : public jobs::FrontDoor {
public:
    Token on_request(std::function<jobs::Verdict(const jobs::ForeignRequest&)>,
                     std::function<void(const jobs::RefusedMessage&)>) override {
        return {};
    }
    Token on_inquiry(
        std::function<Result<std::optional<jobs::StatusNotice>>(const std::string&)>) override {
        return {};
    }
    Result<void> send(const jobs::StatusNotice&) override { return {}; }
};

}  // namespace img::broker
