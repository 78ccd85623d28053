// Compresses what is written to it, on all processors, and passes it on.
#pragma once

#include "archive/byte_sink.hpp"
#include "archive/compressor.hpp"

#include <memory>

namespace img::archive {

/// As many as there are processors, at most 16: more blocks at a time only take memory.
unsigned compressor_threads();

/// The bytes depend on the content alone: not on the number of threads, nor on how the content
/// was cut into writes. Holes (write_zeros) cost next to nothing in any form but zst, which reads
/// zeros at some GB/s. Memory for each thread: xz 110 MiB, the others below 20 MiB. `out` is
/// finished with it. Fault::broken: the library cannot do it.
Result<std::unique_ptr<ByteSink>> compressing_sink(Compressor compressor,
                                                   std::unique_ptr<ByteSink> out,
                                                   unsigned threads = compressor_threads());

}  // namespace img::archive
