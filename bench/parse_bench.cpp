// How long parse() and print() take of a kickstart, apart from starting a program and reading it.
#include "kickstart/kickstart.hpp"

#include <benchmark/benchmark.h>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace ks = img::kickstart;

namespace {

std::string text;

ks::Parsed parsed() {
    return ks::parse(text, {.file = "bench.ks", .tokens = {}});
}

void parse(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(parsed());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

void print(benchmark::State& state) {
    const auto document = parsed().document;
    for (auto _ : state) {
        benchmark::DoNotOptimize(ks::print(document));
    }
}

BENCHMARK(parse)->Unit(benchmark::kMicrosecond);
BENCHMARK(print)->Unit(benchmark::kMicrosecond);

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    std::ifstream file(argc == 2 ? argv[1] : "", std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), {});
    if (text.empty()) {
        std::fprintf(stderr, "usage: parse_bench [--benchmark_…] FILE.ks\n");
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
