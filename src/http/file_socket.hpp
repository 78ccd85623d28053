// A TCP socket whose files go out by a sendfile(2) loop of our own.
//
// The loop of RESTinio 0.6.16 is not kept alive while it runs for the first time: a client that
// hangs up between the header and the file has it freed under its feet. This one holds itself.
// Included by server.cpp alone, before the server is instantiated.
#pragma once

#include <algorithm>
#include <cerrno>
#include <restinio/all.hpp>
#include <sys/sendfile.h>

namespace img::http {

/// A type of its own, so that the template below is chosen for it.
struct FileSocket : asio::ip::tcp::socket {
    using asio::ip::tcp::socket::socket;
};

}  // namespace img::http

template <>
class restinio::impl::sendfile_operation_runner_t<img::http::FileSocket> final
    : public sendfile_operation_runner_base_t<img::http::FileSocket> {
public:
    using sendfile_operation_runner_base_t::sendfile_operation_runner_base_t;

    void start() override {
        const auto self = shared_from_this();
        std::error_code error;
        m_socket.native_non_blocking(true, error);
        if (error) {
            m_after_sendfile_cb(error, m_transfered_size);
        } else {
            send();
        }
    }

private:
    /// As much as the socket takes; the rest when it takes more.
    void send() {
        while (m_remained_size > 0) {
            const ssize_t sent =
                ::sendfile64(m_socket.native_handle(), m_file_descriptor, &m_next_write_offset,
                             std::min(m_remained_size, m_chunk_size));
            if (sent > 0) {
                m_remained_size -= static_cast<restinio::file_size_t>(sent);
                m_transfered_size += static_cast<restinio::file_size_t>(sent);
            } else if (sent == 0) {
                end(EIO);  // the file has become shorter: what was promised cannot be kept
                return;
            } else if (errno == EAGAIN) {
                wait([this] { send(); });
                return;
            } else if (errno != EINTR) {
                end(errno);
                return;
            }
        }
        end(0);
    }

    /// Posted: RESTinio goes on from its own loop, not from inside of ours.
    void end(int error) {
        asio::post(m_executor, [this, self = shared_from_this(), error] {
            m_after_sendfile_cb(std::error_code(error, std::system_category()), m_transfered_size);
        });
    }

    template <typename Next>
    void wait(Next next) {
        m_socket.async_wait(asio::ip::tcp::socket::wait_write,
                            asio::bind_executor(m_executor, [this, self = shared_from_this(),
                                                             next](const std::error_code& error) {
                                if (error) {
                                    m_after_sendfile_cb(error, m_transfered_size);
                                } else {
                                    next();
                                }
                            }));
    }
};
