// Listens on an address and answers each request with what a handler makes of it.
#pragma once

#include "base/result.hpp"
#include "http/http.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace img::http {

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: any that is free.
    std::size_t threads = 4;
    std::size_t connections_max = 1024;       ///< More are closed at once.
    std::size_t body_max = 17 * 1024 * 1024;  ///< 16 MiB of kickstart and a form around it.
    std::chrono::seconds read_timeout{30};    ///< For a whole request, and between two.
    std::chrono::seconds write_timeout{60};   ///< For a response; files get more by their size.
    std::chrono::seconds heartbeat{15};       ///< Of silent streams.
    /// Told what a handler threw, from any thread: the client gets a 500 that does not say it.
    std::function<void(const Error&)> trouble = [](const Error&) {};
};

/// Runs until it is stopped or dropped. A request that breaks a limit of the protocol (header over
/// 64 KiB, not HTTP, too slow, a body of twice body_max) has its connection closed; a body over
/// body_max is answered with 413.
class Server {
public:
    /// Fault::transient: the port is taken; Fault::invalid: no such address here. From then on the
    /// process ignores SIGPIPE.
    static Result<Server> start(const ServerOptions& options, Handler handler);

    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();

    std::uint16_t port() const;
    /// Takes no more requests, ends the streams, and returns when no handler runs any more.
    void stop();

private:
    class Running;
    explicit Server(std::unique_ptr<Running> running);
    std::unique_ptr<Running> running_;
};

}  // namespace img::http
