// Random numbers, all drawn from one sequence that follows from the seed.
#include "steady/steady.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <span>
#include <sys/random.h>

namespace {

/// FNV-1a, 64 bits: offset basis and prime as its authors give them (draft-eastlake-fnv).
std::uint64_t number_of(const std::string& text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return hash;
}

/// splitmix64, with the constants of Steele, Lea and Flood (OOPSLA 2014): even where the seeds of
/// two volumes differ in one bit, what follows has nothing in common.
std::uint64_t draw() {
    static std::mutex mutex;
    const std::scoped_lock lock(mutex);
    static std::uint64_t state = number_of(img::steady::settings().seed);
    std::uint64_t mixed = state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

void fill(std::span<unsigned char> bytes) {
    std::ranges::generate(bytes, [] { return static_cast<unsigned char>(draw() >> 56); });
}

/// What random(3), rand(3) and lrand48(3) give: 0 to 2^31 - 1.
std::int32_t draw_31_bits() {
    return static_cast<std::int32_t>(draw() >> 33);
}

}  // namespace

IMG_STEADY ssize_t getrandom(void* bytes, size_t count, unsigned /*flags*/) {
    fill({static_cast<unsigned char*>(bytes), count});
    return static_cast<ssize_t>(count);
}

IMG_STEADY int getentropy(void* bytes, size_t count) {
    fill({static_cast<unsigned char*>(bytes), count});
    return 0;
}

IMG_STEADY long random() noexcept {
    return draw_31_bits();
}

IMG_STEADY int rand() noexcept {
    return draw_31_bits();
}

IMG_STEADY long lrand48() noexcept {
    return draw_31_bits();
}

IMG_STEADY long jrand48(unsigned short* /*state*/) noexcept {
    return static_cast<std::int32_t>(draw() >> 32);
}

// libuuid mixes the process's number, the clock and the network card into what it draws, so its
// three functions are replaced as a whole. Bytes 6 and 8 say version 4, variant 1 (RFC 9562).
IMG_STEADY void uuid_generate_random(unsigned char* uuid) {
    fill({uuid, 16});
    uuid[6] = static_cast<unsigned char>((uuid[6] & 0x0f) | 0x40);
    uuid[8] = static_cast<unsigned char>((uuid[8] & 0x3f) | 0x80);
}

IMG_STEADY void uuid_generate(unsigned char* uuid) {
    uuid_generate_random(uuid);
}

IMG_STEADY void uuid_generate_time(unsigned char* uuid) {
    uuid_generate_random(uuid);
}
