// A response body that grows while the client reads it: live logs, events.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace img::http {

/// A connection as its stream sees it: the server's, or a test's.
class Outlet {
public:
    virtual ~Outlet() = default;
    /// Runs the task soon, on a thread of the server.
    virtual void post(std::function<void()> task) = 0;
    /// Calls `sent` once the bytes have gone, with false if they never will.
    virtual void send(std::string bytes, std::function<void(bool)> sent) = 0;
    virtual void finish() = 0;
};

/// Asks its producer for bytes when the client has taken those before, so that a slow client
/// costs one piece of memory and no more; whoever has news says wake(). All of it may be called
/// from any thread.
class Stream : public std::enable_shared_from_this<Stream> {
public:
    /// Called on a thread of the server, never twice at once: at the start, after a wake(), and
    /// whenever all that was written has been sent. Writes what there is, or nothing.
    using Producer = std::function<void(Stream&)>;

    /// `heartbeat` is sent when nothing else was for a while, so that both sides learn of a dead
    /// connection; empty: nothing is.
    explicit Stream(Producer producer, std::string heartbeat = {});

    void wake();

    /// For the producer. False, and nothing is written, once the stream is closed or holds
    /// kBacklogMax unsent bytes.
    bool write(std::string_view bytes);
    static constexpr std::size_t kBacklogMax = 1024 * 1024;

    /// What was written still goes out; then the response is over.
    void close();
    bool is_closed() const;
    /// Closed, and nothing is left to send.
    bool is_finished() const;

    /// Kept until the stream is closed: a watch token, for one.
    void keep(std::shared_ptr<void> thing);

    /// For the server: the connection is there, is gone, has been silent for long.
    void attach(std::unique_ptr<Outlet> outlet);
    void detach();
    void beat(std::chrono::steady_clock::time_point now, std::chrono::seconds silence);

private:
    void run();
    void flush(std::unique_lock<std::mutex>& lock);
    void sent(bool ok);

    mutable std::mutex mutex_;
    Producer producer_;
    std::string heartbeat_;
    std::unique_ptr<Outlet> outlet_;
    std::vector<std::shared_ptr<void>> kept_;
    std::string backlog_;
    bool sending_ = false;    ///< Bytes are on their way to the client.
    bool scheduled_ = false;  ///< run() is posted or running.
    bool again_ = false;      ///< There was news while it ran.
    bool closed_ = false;
    std::chrono::steady_clock::time_point last_sent_ = std::chrono::steady_clock::now();
};

}  // namespace img::http
