#include "base/digest.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace img {
namespace {

constexpr std::size_t kBlock = 1 << 20;

EVP_MD_CTX* evp(void* context) {
    return static_cast<EVP_MD_CTX*>(context);
}

const EVP_MD* algorithm(DigestKind kind) {
    switch (kind) {
        case DigestKind::md5: return EVP_md5();
        case DigestKind::sha1: return EVP_sha1();
        case DigestKind::sha256: break;
    }
    return EVP_sha256();
}

struct Descriptor {
    int fd;
    ~Descriptor() { ::close(fd); }
};

}  // namespace

void Digest::Free::operator()(void* context) const {
    EVP_MD_CTX_free(evp(context));
}

Digest::Digest(DigestKind kind) : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(evp(context_.get()), algorithm(kind), nullptr);
}

void Digest::add(std::string_view bytes) {
    EVP_DigestUpdate(evp(context_.get()), bytes.data(), bytes.size());
}

void Digest::add_zeros(std::uint64_t count) {
    static const std::vector<char> kZeros(kBlock, '\0');
    while (count > 0) {
        const std::uint64_t step = std::min<std::uint64_t>(count, kBlock);
        add({kZeros.data(), static_cast<std::size_t>(step)});
        count -= step;
    }
}

void Digest::add_field(std::string_view field) {
    std::array<char, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i) {
        length[i] = static_cast<char>(static_cast<std::uint64_t>(field.size()) >> (8 * i));
    }
    add({length.data(), length.size()});
    add(field);
}

std::string Digest::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_DigestFinal_ex(evp(context_.get()), digest.data(), &size);
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += fmt::format("{:02x}", digest[i]);
    }
    return text;
}

std::string sha256_hex(std::string_view text) {
    Sha256 digest;
    digest.add(text);
    return digest.hex();
}

Result<std::vector<std::string>> digest_file(const std::filesystem::path& file,
                                             std::span<const DigestKind> kinds) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        const int error = errno;
        return fail(Fault::missing, fmt::format("{}: {}", file.string(), std::strerror(error)));
    }
    const Descriptor owner{fd};
    struct stat status{};
    if (::fstat(fd, &status) != 0) {
        const int error = errno;
        return fail(Fault::broken, fmt::format("{}: {}", file.string(), std::strerror(error)));
    }
    std::vector<Digest> digests;
    for (const DigestKind kind : kinds) {
        digests.emplace_back(kind);
    }
    std::vector<char> block(kBlock);
    off_t done = 0;
    while (done < status.st_size) {
        // Where the file system knows no holes, the whole file is data.
        const off_t data = ::lseek(fd, done, SEEK_DATA);
        const off_t start = data < 0 ? (errno == ENXIO ? status.st_size : done) : data;
        for (Digest& digest : digests) {
            digest.add_zeros(static_cast<std::uint64_t>(start - done));
        }
        done = start;
        const off_t hole = done < status.st_size ? ::lseek(fd, done, SEEK_HOLE) : done;
        const off_t end = hole < 0 ? status.st_size : hole;
        while (done < end) {
            const auto want = std::min<std::size_t>(kBlock, static_cast<std::size_t>(end - done));
            const ssize_t got = ::pread(fd, block.data(), want, done);
            if (got <= 0) {
                const int error = got < 0 ? errno : EIO;
                return fail(Fault::broken,
                            fmt::format("read {}: {}", file.string(), std::strerror(error)));
            }
            for (Digest& digest : digests) {
                digest.add({block.data(), static_cast<std::size_t>(got)});
            }
            done += got;
        }
    }
    std::vector<std::string> texts;
    for (Digest& digest : digests) {
        texts.push_back(digest.hex());
    }
    return texts;
}

Result<std::string> sha256_file(const std::filesystem::path& file) {
    constexpr std::array kKinds{DigestKind::sha256};
    return TRY(digest_file(file, kKinds)).front();
}

}  // namespace img
