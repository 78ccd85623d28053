// A PostgreSQL of the test's own: in a folder of its own, on a socket there, gone with the test.
#pragma once

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace img::testing {

/// Start it from the thread that ends last: the server ends with the thread that started it. Where
/// the test is killed, a guard process removes the folder. Throws std::runtime_error where
/// PostgreSQL is not installed or does not start: a test must not pass without it.
class PostgresServer {
public:
    /// A server that forgets its last second in a power cut is faster; benches want the truth.
    enum class Synchronising { off, on };

    explicit PostgresServer(Synchronising synchronising = Synchronising::off)
        : synchronising_(synchronising), folder_(make_folder()), programs_(find_programs()) {
        start_guard();
        run({"initdb", "-D", data(), "-A", "trust", "-U", "postgres", "-E", "UTF8",
             "--locale=C.UTF-8", "-N"});
        start();
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;
    ~PostgresServer() {
        if (server_ > 0) {
            stop(SIGQUIT);
        }
        ::close(guard_pipe_);  // it removes the folder
        ::waitpid(guard_, nullptr, 0);
    }

    /// postgresql://… of a database, which new_database() has made.
    std::string url(const std::string& database) const {
        return fmt::format("postgresql://postgres@/{}?host={}", database, folder_);
    }
    /// The URL of an empty database.
    std::string new_database() {
        const auto name = fmt::format("test_{}", ++databases_);
        ask("CREATE DATABASE " + name);
        return url(name);
    }
    /// Runs a statement in the database `postgres`.
    void ask(const std::string& statement) const {
        auto* connection = ::PQconnectdb(url("postgres").c_str());
        auto* result = ::PQexec(connection, statement.c_str());
        const auto status = ::PQresultStatus(result);
        const std::string wrong = ::PQerrorMessage(connection);
        ::PQclear(result);
        ::PQfinish(connection);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            throw std::runtime_error(statement + ": " + wrong);
        }
    }

    /// SIGINT: it ends all connections and goes in order; SIGQUIT: at once, as in a crash; SIGKILL:
    /// only its first process is killed, the others follow by themselves.
    void stop(int signal) {
        ::kill(server_, signal);
        ::waitpid(server_, nullptr, 0);
        server_ = 0;
    }
    /// Waits until it takes connections. After SIGKILL the other processes may hold on to their
    /// memory for a while, so it is tried again.
    void start() {
        for (int tries = 0; tries < 100; ++tries) {
            launch();
            if (is_ready()) {
                return;
            }
            ::waitpid(server_, nullptr, 0);
            server_ = 0;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        throw std::runtime_error("PostgreSQL does not start, see " + folder_ + "/log");
    }

private:
    static std::filesystem::path find_programs() {
        std::filesystem::path found;
        std::error_code missing;
        for (const auto& entry :
             std::filesystem::directory_iterator("/usr/lib/postgresql", missing)) {
            if (std::filesystem::exists(entry.path() / "bin/initdb")) {
                found = std::max(found, entry.path() / "bin");
            }
        }
        if (found.empty()) {
            throw std::runtime_error("no /usr/lib/postgresql/*/bin/initdb: install postgresql");
        }
        return found;
    }
    /// The server refuses to run as root.
    static const passwd* server_user() {
        const auto* user = ::getpwnam("postgres");
        if (user == nullptr) {
            throw std::runtime_error("no user postgres: install postgresql");
        }
        return user;
    }
    static std::string make_folder() {
        auto name = (std::filesystem::temp_directory_path() / "img-postgres-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make " + name);
        }
        if (::geteuid() == 0 &&
            ::chown(name.c_str(), server_user()->pw_uid, server_user()->pw_gid) != 0) {
            throw std::runtime_error("cannot give away " + name);
        }
        return name;
    }
    std::string data() const { return folder_ + "/data"; }

    /// Between fork and exec: the child ends with us, as another user, its output in the log.
    [[noreturn]] void become(const std::vector<std::string>& words) const {
        if (::geteuid() == 0) {
            const auto* user = server_user();
            if (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) {
                ::_exit(126);
            }
        }
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // after setuid(), which would clear it
        const int log = ::open((folder_ + "/log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
        ::dup2(log, STDOUT_FILENO);
        ::dup2(log, STDERR_FILENO);
        if (::chdir(folder_.c_str()) != 0) {
            ::_exit(126);
        }
        std::vector<char*> argv;
        for (const auto& word : words) {
            argv.push_back(const_cast<char*>(word.c_str()));
        }
        argv.push_back(nullptr);
        ::execv((programs_ / words.front()).c_str(), argv.data());
        ::_exit(127);
    }
    void run(const std::vector<std::string>& words) const {
        const pid_t child = ::fork();
        if (child == 0) {
            become(words);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        if (status != 0) {
            throw std::runtime_error(words.front() + " failed, see " + folder_ + "/log");
        }
    }
    void launch() {
        const auto* is_synchronising = synchronising_ == Synchronising::on ? "on" : "off";
        const std::vector<std::string> words = {"postgres",
                                                "-D",
                                                data(),
                                                "-k",
                                                folder_,
                                                "-c",
                                                "listen_addresses=",
                                                "-c",
                                                std::string("fsync=") + is_synchronising};
        server_ = ::fork();
        if (server_ == 0) {
            become(words);
        }
    }
    /// Whether it takes connections within half a minute, and has not ended.
    bool is_ready() const {
        const auto url_of_all = url("postgres");
        for (int tries = 0; tries < 1'500; ++tries) {
            if (::PQping(url_of_all.c_str()) == PQPING_OK) {
                return true;
            }
            siginfo_t ended{};
            ::waitid(P_PID, static_cast<id_t>(server_), &ended, WEXITED | WNOHANG | WNOWAIT);
            if (ended.si_pid != 0) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    }
    /// A process that waits until nobody holds the other end of its pipe, then removes the folder.
    void start_guard() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            throw std::runtime_error("no pipe");
        }
        guard_ = ::fork();
        if (guard_ == 0) {
            ::close(ends[1]);
            ::setsid();  // Ctrl-C is for the test, not for who cleans up after it
            char nothing = 0;
            while (::read(ends[0], &nothing, 1) < 0 && errno == EINTR) {
            }
            remove_folder();
            ::_exit(0);
        }
        ::close(ends[0]);
        guard_pipe_ = ends[1];
    }
    /// A server that was told to end still writes for a moment.
    void remove_folder() const {
        for (int tries = 0; tries < 100 && std::filesystem::exists(folder_); ++tries) {
            std::error_code ignored;
            std::filesystem::remove_all(folder_, ignored);
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }

    Synchronising synchronising_;
    std::string folder_;
    std::filesystem::path programs_;
    pid_t server_ = 0, guard_ = 0;
    int guard_pipe_ = -1;
    int databases_ = 0;
};

}  // namespace img::testing
