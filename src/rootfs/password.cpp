#include "rootfs/password.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "kickstart/document.hpp"
#include "tree/tree.hpp"

#include <algorithm>
#include <array>
#include <crypt.h>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <sys/random.h>

namespace img::rootfs {
namespace {

using tree::Tree;

using Salt = std::array<char, 16>;  // 128 bits: as much as either method takes

Result<Salt> make_salt(std::string_view plain, std::string_view seed) {
    Salt salt{};
    if (seed.empty()) {
        if (::getrandom(salt.data(), salt.size(), 0) != static_cast<ssize_t>(salt.size())) {
            return fail(Fault::exhausted, "no random bytes for a password's salt");
        }
        return salt;
    }
    // The password goes in too: with the salt told by the seed alone, two passwords under one
    // seed would share it.
    Sha256 digest;
    digest.add_field("img password salt");
    digest.add_field(seed);
    digest.add_field(plain);
    const std::string hex = digest.hex();
    for (std::size_t i = 0; i < salt.size(); ++i) {
        salt[i] = static_cast<char>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
    }
    return salt;
}

}  // namespace

HashMethod hash_method(const Tree& tree) {
    // Debian's PAM stack, that of Fedora and EL, and what shadow-utils take without PAM.
    for (const auto& [file, subject] : {std::pair("/etc/pam.d/common-password", "pam_unix.so"),
                                        std::pair("/etc/pam.d/system-auth", "pam_unix.so"),
                                        std::pair("/etc/login.defs", "ENCRYPT_METHOD")}) {
        const auto text = tree.read(file);
        for (const auto& line : split(text.value_or(""), "\n")) {
            if (line.starts_with('#') || !line.contains(subject) || line.starts_with("auth")) {
                continue;
            }
            if (line.contains("yescrypt") || line.contains("YESCRYPT")) {
                return HashMethod::yescrypt;
            }
            if (line.starts_with("password") || line.starts_with("ENCRYPT_METHOD")) {
                return HashMethod::sha512;
            }
        }
    }
    return HashMethod::sha512;
}

Result<std::string> hash_password(std::string_view plain,
                                  HashMethod method,
                                  std::string_view seed) {
    const Salt salt = TRY(make_salt(plain, seed));
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
    // Cost 0 is the library's own choice: what passwd(1) in the image would take.
    if (::crypt_gensalt_rn(method == HashMethod::yescrypt ? "$y$" : "$6$", 0, salt.data(),
                           static_cast<int>(salt.size()), setting.data(),
                           static_cast<int>(setting.size())) == nullptr) {
        const int error = errno;
        return fail(Fault::broken, fmt::format("make a password's salt: {}", std::strerror(error)));
    }
    const auto workspace = std::make_unique<crypt_data>();  // 32 KiB: not for the stack
    const std::string text(plain);
    const char* hash = ::crypt_r(text.c_str(), setting.data(), workspace.get());
    if (hash == nullptr || hash[0] == '*') {  // "*0", "*1": libxcrypt's way to say no
        return fail(Fault::invalid,
                    fmt::format("a password of {} bytes cannot be hashed; the longest has {}",
                                plain.size(), CRYPT_MAX_PASSPHRASE_SIZE - 1));
    }
    return std::string(hash);
}

Result<std::string> shadow_field(const kickstart::Password& password,
                                 HashMethod method,
                                 std::string_view seed) {
    const std::string lock = password.locked ? "!" : "";
    if (password.text.empty()) {
        return std::string("!");
    }
    if (password.kind == kickstart::PasswordKind::plain) {
        if (password.text.find('\0') != std::string::npos) {
            return fail(Fault::invalid, "a password with a NUL byte");
        }
        return lock + TRY(hash_password(password.text, method, seed));
    }
    const bool fits =
        std::ranges::all_of(password.text, [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
    if (!fits) {
        return fail(Fault::invalid,
                    "--iscrypted wants a hash as /etc/shadow holds it; `mkpasswd` makes one");
    }
    return lock + password.text;
}

}  // namespace img::rootfs
