// Asks a RabbitMqServer's own interface what stands in its queues.
#pragma once

#include "tests/support/rabbitmq_server.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace img::testing {

/// One vhost and what a person sees and does there.
class Vhost {
public:
    const std::string name = RabbitMqServer::get().new_vhost();
    const std::string url = RabbitMqServer::get().url(name);

    bool publish(const std::string& exchange,
                 const std::string& key,
                 const std::string& body) const {
        return RabbitMqServer::get().call("publish", name, exchange, key, body).get<bool>();
    }

    /// The bodies in a queue, in order, once there are `count` or ten seconds have passed; they
    /// stay.
    std::vector<nlohmann::json> wait_for(const std::string& queue, std::size_t count) const {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        auto found = messages(queue);
        while (found.size() < count && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            found = messages(queue);
        }
        return found;
    }

    /// Each with "payload", "properties" and so on.
    std::vector<nlohmann::json> messages(const std::string& queue) const {
        return RabbitMqServer::get().call("messages", name, queue, 20'000);
    }
};

}  // namespace img::testing
