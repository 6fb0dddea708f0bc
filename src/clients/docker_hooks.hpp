#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "model/container_options.hpp"
#include "ports/engine.hpp"

namespace nap {

/// A container keeps its hooks in a label, so that they are known for as long as it is there,
/// whatever has become of its manifest.
[[nodiscard]] std::string encode_hooks(const Hooks& hooks);
/// None when the text cannot be read.
[[nodiscard]] Hooks decode_hooks(std::string_view text);

[[nodiscard]] std::string encode_exec(const Hook& hook);

/// What the engine says of a command it was asked to run.
struct ExecState {
    bool running = false;
    int exit_code = 0;
};
[[nodiscard]] Result<ExecState> decode_exec(std::string_view text);

/// The last line of a command's output, out of the engine's frames of both streams: eight bytes,
/// the last four of them the length, before each piece.
class OutputTail {
  public:
    void add(std::string_view chunk);
    [[nodiscard]] std::string last_line() const;

  private:
    std::string header_;        ///< of the frame that is being read
    std::size_t expected_ = 0;  ///< bytes of it that are to come
    std::string tail_;
};

}  // namespace nap
