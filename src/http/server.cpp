#include "http/server.hpp"

#include "base/printable.hpp"
#include "http/file_socket.hpp"
#include "http/stream.hpp"

#include <atomic>
#include <csignal>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <restinio/all.hpp>
#include <set>
#include <thread>

namespace img::http {

namespace {

// Downloads may be slow, not stalled: 32 KiB/s on the average of the whole file.
constexpr std::uint64_t kDownloadRateMin = 32 * 1024;

/// Counts the connections, and owns the streams, which end with theirs. (RESTinio's own limiter
/// is not used: it is told of connections that end after the server and its limiter are gone.)
class Connections {
public:
    explicit Connections(std::size_t connections_max) : connections_max_(connections_max) {}

    restinio::ip_blocker::inspection_result_t inspect(
        const restinio::ip_blocker::incoming_info_t& /*from*/) noexcept {
        const std::lock_guard lock(mutex_);
        return open_.size() < connections_max_ ? restinio::ip_blocker::allow()
                                               : restinio::ip_blocker::deny();
    }

    void state_changed(const restinio::connection_state::notice_t& notice) noexcept {
        if (restinio::holds_alternative<restinio::connection_state::accepted_t>(notice.cause())) {
            const std::lock_guard lock(mutex_);
            open_.insert(notice.connection_id());
        } else if (restinio::holds_alternative<restinio::connection_state::closed_t>(
                       notice.cause())) {
            end(notice.connection_id());  // may be told twice, by a reader and a writer that fail
        }
    }

    void add(std::uint64_t connection, std::shared_ptr<Stream> stream) {
        const std::lock_guard lock(mutex_);
        streams_.emplace(connection, std::move(stream));
    }

    void beat(std::chrono::seconds silence) {
        const auto now = std::chrono::steady_clock::now();
        std::vector<std::shared_ptr<Stream>> streams;
        {
            const std::lock_guard lock(mutex_);
            std::erase_if(streams_, [](const auto& entry) { return entry.second->is_finished(); });
            for (const auto& [connection, stream] : streams_) {
                streams.push_back(stream);
            }
        }
        for (const auto& stream : streams) {
            stream->beat(now, silence);
        }
    }

    void end_all() {
        std::multimap<std::uint64_t, std::shared_ptr<Stream>> streams;
        {
            const std::lock_guard lock(mutex_);
            streams.swap(streams_);
        }
        for (const auto& [connection, stream] : streams) {
            stream->detach();
        }
    }

private:
    void end(std::uint64_t connection) noexcept {
        std::vector<std::shared_ptr<Stream>> ended;
        {
            const std::lock_guard lock(mutex_);
            open_.erase(connection);
            const auto [first, last] = streams_.equal_range(connection);
            for (auto i = first; i != last; ++i) {
                ended.push_back(std::move(i->second));
            }
            streams_.erase(first, last);
        }
        for (const auto& stream : ended) {
            stream->detach();
        }
    }

    const std::size_t connections_max_;
    std::mutex mutex_;
    std::set<std::uint64_t> open_;
    std::multimap<std::uint64_t, std::shared_ptr<Stream>> streams_;
};

struct Traits : restinio::default_traits_t {
    using stream_socket_t = FileSocket;
    using connection_state_listener_t = Connections;
    using ip_blocker_t = Connections;
};

using ChunkedBuilder = restinio::response_builder_t<restinio::chunked_output_t>;

/// A chunked response. Everything is posted, so that no callback runs inside a call to us.
class ChunkedOutlet : public Outlet {
public:
    ChunkedOutlet(std::weak_ptr<asio::io_context> context, ChunkedBuilder builder)
        : context_(std::move(context)),
          builder_(std::make_shared<ChunkedBuilder>(std::move(builder))) {}

    void post(std::function<void()> task) override {
        if (const auto context = context_.lock()) {
            asio::post(*context, std::move(task));
        }
    }

    void send(std::string bytes, std::function<void(bool)> sent) override {
        post([builder = builder_, bytes = std::move(bytes), sent = std::move(sent)]() mutable {
            builder->append_chunk(std::move(bytes));
            builder->flush(
                [sent = std::move(sent)](const asio::error_code& error) { sent(!error); });
        });
    }

    void finish() override {
        post([builder = builder_] { builder->done(); });
    }

private:
    std::weak_ptr<asio::io_context> context_;
    std::shared_ptr<ChunkedBuilder> builder_;
};

/// Header values come from file names and requests too: a control byte would start another field.
std::string safe_value(std::string value) {
    for (char& c : value) {
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
    return value;
}

template <typename Builder>
void append_headers(Builder& builder, const Headers& headers) {
    for (const auto& [name, value] : headers) {
        builder.append_header(name, safe_value(value));
    }
    builder.append_header_date_field();
}

restinio::http_status_line_t status_line(int status) {
    return {restinio::http_status_code_t(static_cast<std::uint16_t>(status)),
            std::string(reason(status))};
}

Request to_request(const restinio::request_handle_t& handle) {
    const auto& header = handle->header();
    Request request{.method = method_from(header.method().c_str()),
                    .target = header.request_target(),
                    .headers = {},
                    .body = handle->body()};
    header.for_each_field(
        [&](const auto& field) { request.headers.add(field.name(), field.value()); });
    return request;
}

void send_whole(const restinio::request_handle_t& handle, Response response, bool is_head) {
    auto builder =
        handle->create_response<restinio::user_controlled_output_t>(status_line(response.status));
    append_headers(builder, response.headers);
    const bool has_body = !is_head && response.status != 304;
    if (auto* const text = std::get_if<std::string>(&response.body)) {
        builder.set_content_length(text->size());
        if (has_body) {
            builder.append_body(std::move(*text));
        }
    } else if (auto* const file = std::get_if<FileBody>(&response.body)) {
        builder.set_content_length(file->length);
        if (has_body && file->length > 0) {
            const restinio::file_meta_t meta(file->offset + file->length, {});
            const std::chrono::seconds limit(60 + file->length / kDownloadRateMin);
            builder.append_body(
                restinio::sendfile(restinio::file_descriptor_holder_t(file->file.release()), meta)
                    .offset_and_size(static_cast<restinio::file_offset_t>(file->offset),
                                     file->length)
                    .timelimit(limit));
        }
    }
    builder.done();
}

}  // namespace

class Server::Running {
public:
    Running(const ServerOptions& options, Handler handler)
        : options_(options), handler_(std::move(handler)) {}

    ~Running() { stop(); }

    void start() {
        restinio::server_settings_t<Traits> settings;
        settings.address(options_.address)
            .port(options_.port)
            .read_next_http_message_timelimit(options_.read_timeout)
            .write_http_response_timelimit(options_.write_timeout)
            // Handlers answer before they return; only streams take longer, and they end with
            // their connection.
            .handle_request_timeout(std::chrono::hours(25))
            // A second request is read while a stream runs: that is how a closed one is noticed.
            .max_pipelined_requests(2)
            .incoming_http_msg_limits(restinio::incoming_http_msg_limits_t{}
                                          .max_url_size(8 * 1024)
                                          .max_field_name_size(256)
                                          .max_field_value_size(16 * 1024)
                                          .max_field_count(64)
                                          .max_body_size(2 * options_.body_max))
            .connection_state_listener(connections_)
            .ip_blocker(connections_)
            .acceptor_post_bind_hook(
                [this](auto& acceptor) { port_ = acceptor.local_endpoint().port(); })
            .request_handler([this](auto handle) { return answer(std::move(handle)); });
        server_ = restinio::run_async<Traits>(restinio::external_io_context(*context_),
                                              std::move(settings), options_.threads);
        beats_ = std::jthread([this](const std::stop_token& stop) { beat(stop); });
    }

    void stop() {
        if (!server_) {
            return;
        }
        beats_ = {};
        server_->stop();
        connections_->end_all();
        server_->wait();
        connections_->end_all();
        run_what_is_ready();
        server_.reset();
        context_.reset();  // closes the connections that are left
    }

    std::uint16_t port() const { return port_; }

private:
    restinio::request_handling_status_t answer(restinio::request_handle_t handle) {
        const auto request = to_request(handle);
        auto response = respond(request);
        if (auto* const stream = std::get_if<std::shared_ptr<Stream>>(&response.body)) {
            if (handle->header().http_minor() == 0) {
                (*stream)->detach();
                send_whole(handle, make_response(505, "text/plain", "streams need HTTP/1.1\n"),
                           false);
            } else if (request.method == Method::head) {
                (*stream)->detach();
                response.body = std::string();
                send_whole(handle, std::move(response), true);
            } else {
                auto builder = handle->create_response<restinio::chunked_output_t>(
                    status_line(response.status));
                append_headers(builder, response.headers);
                builder.flush();
                connections_->add(handle->connection_id(), *stream);
                (*stream)->attach(std::make_unique<ChunkedOutlet>(context_, std::move(builder)));
            }
        } else {
            send_whole(handle, std::move(response), request.method == Method::head);
        }
        return restinio::request_accepted();
    }

    Response respond(const Request& request) const {
        if (request.body.size() > options_.body_max) {
            return make_response(
                413, "application/problem+json",
                fmt::format(R"({{"type":"about:blank","title":"Content Too Large","status":413,)"
                            R"("code":"too-large","detail":"a request may have {} bytes",)"
                            R"("next":"send less"}})",
                            options_.body_max));
        }
        try {
            return handler_(request);
        } catch (const std::exception& error) {
            options_.trouble({Fault::broken, fmt::format("{} {}: {}", to_text(request.method),
                                                         printable(request.path()), error.what())});
            return make_response(
                500, "application/problem+json",
                R"({"type":"about:blank","title":"Internal Server Error","status":500,)"
                R"("code":"failed","detail":"the service could not answer this request",)"
                R"("next":"try again; if it stays so, its log says why"})");
        }
    }

    /// A file that has just been sent to its end holds on to its connection, and that to the file,
    /// until it is told; the threads may have ended before they told it.
    void run_what_is_ready() {
        constexpr int most = 10'000;  // several for each connection; clients may send for ever
        context_->restart();
        for (int i = 0; i < most && context_->poll_one() > 0; ++i) {
        }
    }

    void beat(const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any bell;
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
            bell.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
            connections_->beat(options_.heartbeat);
        }
    }

    ServerOptions options_;
    Handler handler_;
    std::shared_ptr<asio::io_context> context_ = std::make_shared<asio::io_context>();
    std::shared_ptr<Connections> connections_ =
        std::make_shared<Connections>(options_.connections_max);
    std::uint16_t port_ = 0;
    restinio::running_server_handle_t<Traits> server_;
    std::jthread beats_;
};

Server::Server(std::unique_ptr<Running> running) : running_(std::move(running)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::start(const ServerOptions& options, Handler handler) {
    const auto where = fmt::format("{}:{}", options.address, options.port);
    // sendfile(2) knows no MSG_NOSIGNAL: a client that hangs up in mid file would end the program.
    std::signal(SIGPIPE, SIG_IGN);
    auto running = std::make_unique<Running>(options, std::move(handler));
    try {
        running->start();
    } catch (const asio::system_error& error) {
        if (error.code() == asio::error::address_in_use) {
            return fail(Fault::transient,
                        fmt::format("{} is in use by another program; stop it, or listen elsewhere "
                                    "with --listen HOST:PORT",
                                    where));
        }
        return fail(Fault::invalid,
                    fmt::format("cannot listen on {}: {}", where, error.code().message()));
    } catch (const std::exception& error) {
        return fail(Fault::broken, fmt::format("cannot listen on {}: {}", where, error.what()));
    }
    return Server(std::move(running));
}

std::uint16_t Server::port() const {
    return running_->port();
}

void Server::stop() {
    running_->stop();
}

}  // namespace img::http
