// The S3 server of tests/s3, for tests: on a free port, gone with the test however it ends.
#pragma once

#include "system/fd.hpp"
#include "tests/support/temp_folder.hpp"

#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace img::testing {

/// It does not check signatures: it answers a wrong secret as a right one.
class S3Server {
public:
    static constexpr const char* kBucket = "images";
    static constexpr const char* kKeyId = "S3RVER";  ///< Its own, fixed.
    static constexpr const char* kSecret = "S3RVER";

    S3Server() { start(); }
    S3Server(const S3Server&) = delete;
    S3Server& operator=(const S3Server&) = delete;
    ~S3Server() { kill(); }

    std::uint16_t port() const { return port_; }
    std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }

    /// As a crash, and again on the same files; the port is another one.
    void restart() {
        kill();
        start();
    }

private:
    void start() {
        std::array<int, 2> life{}, words{};
        if (::pipe2(life.data(), O_CLOEXEC) != 0 || ::pipe2(words.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error("no pipe for the S3 server");
        }
        const std::string script = std::string(IMG_SOURCE_DIR) + "/tests/s3/server.mjs";
        const std::string folder = folder_.path().string();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(life[0], STDIN_FILENO);
            ::dup2(words[1], STDOUT_FILENO);
            ::execlp("node", "node", script.c_str(), folder.c_str(), nullptr);
            ::_exit(127);
        }
        life_ = system::Fd(life[1]);
        const system::Fd end_of_life(life[0]), said(words[0]);
        ::close(words[1]);
        port_ = read_port(said);
    }

    static std::uint16_t read_port(const system::Fd& said) {
        constexpr int patience = 20'000;  // ms; node starts in 200
        std::array<char, 16> line{};
        pollfd wait{.fd = said.get(), .events = POLLIN, .revents = 0};
        std::uint16_t port = 0;
        const auto count = ::poll(&wait, 1, patience) == 1
                               ? ::read(said.get(), line.data(), line.size())
                               : ssize_t{0};
        if (count <= 0 ||
            std::from_chars(line.data(), line.data() + count, port).ec != std::errc{}) {
            throw std::runtime_error("the S3 server does not start: run `npm ci` in tests/s3");
        }
        return port;
    }

    void kill() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    TempFolder folder_;
    pid_t pid_ = -1;
    system::Fd life_;  ///< Its standard input: closed with us.
    std::uint16_t port_ = 0;
};

}  // namespace img::testing
