#include "boot/grub_password.hpp"

#include "base/digest.hpp"

#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

namespace img::boot {

Result<std::string> grub_password_hash(std::string_view password, std::string_view seed) {
    // grub-mkpasswd-pbkdf2's own defaults: 10 000 rounds, 64 bytes each of salt and key.
    constexpr int kRounds = 10'000;
    const std::string salt = sha256_hex(fmt::format("grub password {}", seed));
    std::array<unsigned char, 64> key{};
    if (::PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                            reinterpret_cast<const unsigned char*>(salt.data()),
                            static_cast<int>(salt.size()), kRounds, ::EVP_sha512(),
                            static_cast<int>(key.size()), key.data()) != 1) {
        return fail(Fault::broken, "libcrypto cannot derive a key for the boot menu's password");
    }
    return fmt::format("grub.pbkdf2.sha512.{}.{:02X}.{:02X}", kRounds, fmt::join(salt, ""),
                       fmt::join(key, ""));
}

}  // namespace img::boot
