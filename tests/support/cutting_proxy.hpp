// A TCP proxy on loopback that a test tells when to cut a connection, and where to lead.
#pragma once

#include "system/fd.hpp"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <list>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>

namespace img::testing {

class CuttingProxy {
public:
    explicit CuttingProxy(std::uint16_t to) : target(to) {
        auto address = loopback(0);
        socklen_t size = sizeof address;
        listener_ = system::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener_.get(), 16) != 0 ||
            ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("the proxy cannot listen on loopback");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
    }
    CuttingProxy(const CuttingProxy&) = delete;
    CuttingProxy& operator=(const CuttingProxy&) = delete;
    ~CuttingProxy() { thread_ = {}; }

    std::uint16_t port() const { return port_; }
    std::atomic<std::uint16_t> target;  ///< Port that it leads to.
    /// Once so many more bytes have gone to the target, that connection is cut; below 0: none is.
    std::atomic<std::int64_t> cut_after = -1;
    std::atomic<unsigned> cuts = 0;
    std::atomic<std::uint64_t> sent = 0;  ///< Bytes to the target.

private:
    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    void accept_all(const std::stop_token& stop) {
        std::list<std::jthread> connections;
        while (!stop.stop_requested()) {
            pollfd wait{.fd = listener_.get(), .events = POLLIN, .revents = 0};
            if (::poll(&wait, 1, 20) <= 0) {
                continue;
            }
            const int client = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
            connections.emplace_back([this, client](const std::stop_token& ended) {
                connect(system::Fd(client), ended);
            });
        }
    }

    void connect(const system::Fd& client, const std::stop_token& stop) {
        const system::Fd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        auto address = loopback(target);
        if (::connect(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            return;
        }
        while (!stop.stop_requested()) {
            std::array<pollfd, 2> wait{{{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}}};
            ::poll(wait.data(), wait.size(), 20);
            if ((wait[0].revents != 0 && !pass(client, server, true)) ||
                (wait[1].revents != 0 && !pass(server, client, false))) {
                return;
            }
        }
    }

    bool pass(const system::Fd& from, const system::Fd& to, bool is_up) {
        std::array<char, 64 * 1024> bytes{};
        const auto count = ::recv(from.get(), bytes.data(), bytes.size(), 0);
        if (count <= 0) {
            return false;
        }
        if (is_up) {
            sent += static_cast<std::uint64_t>(count);
            const auto before = cut_after.load();
            if (before >= 0 && (cut_after -= count) < 0) {
                cut_after = -1;
                ++cuts;
                return false;
            }
        }
        for (ssize_t done = 0; done < count;) {
            const auto now = ::send(to.get(), bytes.data() + done,
                                    static_cast<std::size_t>(count - done), MSG_NOSIGNAL);
            if (now <= 0) {
                return false;
            }
            done += now;
        }
        return true;
    }

    system::Fd listener_;
    std::uint16_t port_ = 0;
    std::jthread thread_;
};

}  // namespace img::testing
