// A RabbitMQ of the test program's own; tests/e2e/rabbitmq_server.py runs it.
#pragma once

#include "tests/support/temp_folder.hpp"

#include <atomic>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace img::testing {

/// Starts with the first use and ends with the program, however that ends: its guard reads a pipe.
class RabbitMqServer {
public:
    static RabbitMqServer& get() {
        static RabbitMqServer server;
        return server;
    }

    RabbitMqServer(const RabbitMqServer&) = delete;
    RabbitMqServer& operator=(const RabbitMqServer&) = delete;
    ~RabbitMqServer() {
        requests_.reset();  // the guard ends the server when there is nobody left to ask
        int status = 0;
        ::waitpid(guard_, &status, 0);
    }

    /// A method of the class RabbitMq there.
    template <typename... Args>
    nlohmann::json call(const std::string& method, Args... args) {
        const nlohmann::json request{{"call", method}, {"args", nlohmann::json::array({args...})}};
        if (std::fprintf(requests_.get(), "%s\n", request.dump().c_str()) < 0 ||
            std::fflush(requests_.get()) != 0) {
            throw std::runtime_error("the guard of RabbitMQ is gone");
        }
        const auto answer = nlohmann::json::parse(read_line());
        if (answer.contains("error")) {
            throw std::runtime_error(method + ": " + answer["error"].get<std::string>());
        }
        return answer["result"];
    }

    /// A vhost that nobody has used.
    std::string new_vhost() {
        const auto name = "vhost " + std::to_string(++vhosts_);
        call("make_vhost", name);
        return name;
    }
    std::string url(const std::string& vhost) { return call("url", vhost).get<std::string>(); }

    /// The number of messages that wait in a queue; they are settled, nothing is under way.
    std::size_t count(const std::string& vhost, const std::string& queue) {
        return call("messages", vhost, queue, 100'000).size();
    }

private:
    struct Close {
        void operator()(std::FILE* file) const { (void)std::fclose(file); }
    };
    using File = std::unique_ptr<std::FILE, Close>;

    RabbitMqServer() {
        int in[2], out[2];
        if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) {
            throw std::runtime_error("no pipes for the guard of RabbitMQ");
        }
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
        std::string script = IMG_SOURCE_DIR "/tests/e2e/rabbitmq_server.py";
        std::string folder = folder_.path().string(), python = "python3";
        char* argv[] = {python.data(), script.data(), folder.data(), nullptr};
        const auto failed = ::posix_spawnp(&guard_, "python3", &actions, nullptr, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(in[0]);
        ::close(out[1]);
        requests_.reset(::fdopen(in[1], "w"));
        answers_.reset(::fdopen(out[0], "r"));
        if (failed != 0) {
            throw std::runtime_error("python3 cannot be started");
        }
        call("make_certificates");
        call("start");
    }

    std::string read_line() {
        std::string line;
        for (int c = std::fgetc(answers_.get()); c != '\n'; c = std::fgetc(answers_.get())) {
            if (c == EOF) {
                throw std::runtime_error("the guard of RabbitMQ is gone");
            }
            line += static_cast<char>(c);
        }
        return line;
    }

    TempFolder folder_;
    pid_t guard_ = -1;
    File requests_, answers_;
    int vhosts_ = 0;
};

}  // namespace img::testing
