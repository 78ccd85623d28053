#include "archive/zip_writer.hpp"

#include "archive/file_fault.hpp"
#include "base/byte_size.hpp"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <optional>
#include <sys/stat.h>

namespace img::archive {
namespace {

struct FreeArchive {
    void operator()(::archive* zip) const { ::archive_write_free(zip); }
};

struct FreeEntry {
    void operator()(::archive_entry* entry) const { ::archive_entry_free(entry); }
};

}  // namespace

/// Where libarchive's callback finds the sink, and leaves the sink's own words when it fails.
struct ZipWriter::State {
    explicit State(ByteSink& to) : sink(to) {}

    ByteSink& sink;
    std::optional<Error> error{};
    std::unique_ptr<::archive, FreeArchive> zip{::archive_write_new()};

    Result<void> succeed(la_ssize_t code) {
        if (code >= ARCHIVE_OK) {
            return {};
        }
        if (error) {
            return std::unexpected(*error);
        }
        const char* said = ::archive_error_string(zip.get());
        return fail(Fault::broken, fmt::format("zip: {}", said == nullptr ? "failed" : said));
    }

    static la_ssize_t pass_on(::archive*, void* state, const void* bytes, std::size_t count) {
        auto& self = *static_cast<State*>(state);
        if (auto put = self.sink.write({static_cast<const char*>(bytes), count}); !put) {
            self.error = std::move(put).error();
            return -1;
        }
        return static_cast<la_ssize_t>(count);
    }
};

namespace {

/// Takes content as any sink does, and hands it to libarchive.
class MemberSink : public ByteSink {
public:
    using Put = std::function<Result<void>(std::string_view)>;
    explicit MemberSink(Put put) : put_(std::move(put)) {}

    Result<void> write(std::string_view bytes) override { return put_(bytes); }

    Result<void> write_zeros(std::uint64_t count) override {
        static constexpr std::array<char, 128 * kKiB> kZeros{};
        while (count != 0) {
            const auto taken = std::min<std::uint64_t>(count, kZeros.size());
            TRY(put_({kZeros.data(), taken}));
            count -= taken;
        }
        return {};
    }

    Result<void> finish() override { return {}; }

private:
    Put put_;
};

}  // namespace

ZipWriter::ZipWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipWriter::ZipWriter(ZipWriter&&) noexcept = default;
ZipWriter::~ZipWriter() = default;

Result<ZipWriter> ZipWriter::open(ByteSink& sink) {
    auto state = std::make_unique<State>(sink);
    ::archive* zip = state->zip.get();
    TRY(state->succeed(::archive_write_set_format_zip(zip)));
    TRY(state->succeed(::archive_write_set_bytes_in_last_block(zip, 1)));
    TRY(state->succeed(::archive_write_open(zip, state.get(), nullptr, State::pass_on, nullptr)));
    return ZipWriter(std::move(state));
}

Result<void> ZipWriter::add(const std::string& name,
                            const std::filesystem::path& file,
                            const BytesDone& done) {
    std::error_code error;
    const std::uint64_t size_bytes = std::filesystem::file_size(file, error);
    if (error) {
        return file_fault("read", file, error.value());
    }
    const std::unique_ptr<::archive_entry, FreeEntry> entry(::archive_entry_new());
    ::archive_entry_set_pathname(entry.get(), name.c_str());
    ::archive_entry_set_filetype(entry.get(), S_IFREG);
    ::archive_entry_set_perm(entry.get(), 0644);
    ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size_bytes));
    TRY(state_->succeed(::archive_write_header(state_->zip.get(), entry.get())));
    MemberSink member([&](std::string_view bytes) {
        return state_->succeed(::archive_write_data(state_->zip.get(), bytes.data(), bytes.size()));
    });
    return copy_content(file, size_bytes, member, done);
}

Result<void> ZipWriter::end() {
    return state_->succeed(::archive_write_close(state_->zip.get()));
}

}  // namespace img::archive
