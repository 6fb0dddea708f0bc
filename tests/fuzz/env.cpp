#include <fmt/format.h>

#include "fuzz.hpp"
#include "manifest/env_file.hpp"

namespace nap::fuzz {
namespace {

struct Read {
    std::vector<EnvLine> lines;
    std::vector<ManifestError> errors;
};

Read read(std::string_view text, bool raw) {
    Variables variables;
    variables.set_default("A", "a value");
    YamlBudget budget;
    ErrorSink errors("a.env");
    const EnvReading how{variables, budget, errors};
    Read result;
    result.lines = raw ? read_raw_env_file(0, text, how) : read_env_file(0, text, how);
    result.errors = errors.take();
    require_inside(text, errors.take_warnings());
    return result;
}

std::string as_double_quoted(std::string_view value) {
    static constexpr std::pair<char, char> escapes[] = {
        {'\a', 'a'}, {'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'},  {'\r', 'r'},
        {'\t', 't'}, {'\v', 'v'}, {'"', '"'},  {'\\', '\\'}, {'$', '$'},
    };
    std::string out = "\"";
    for (const char c : value) {
        char name = '\0';
        for (const auto& [meaning, letter] : escapes)
            name = c == meaning ? letter : name;
        if (name != '\0') out += '\\';
        out += name != '\0' ? name : c;
    }
    return out + "\"";
}

void require_sound(std::string_view text, const Read& read) {
    require_inside(text, read.errors);
    for (const EnvLine& line : read.lines) {
        require(!line.key.empty() && line.key.find_first_of("= \t\r\n") == std::string::npos,
                "a key that is none", line.key);
        require_inside(text, line.position.line, line.position.column, line.key);
    }
}

void require_same(const Read& a, const Read& b, std::string_view text) {
    require(b.errors.empty(), "what was read is refused", text);
    require(a.lines.size() == b.lines.size(), "another number of lines", text);
    for (std::size_t i = 0; i < a.lines.size(); ++i) {
        require(a.lines[i].key == b.lines[i].key && a.lines[i].value == b.lines[i].value,
                "a line reads otherwise", text);
    }
}

}  // namespace

void env(std::string_view input) {
    const Read raw = read(input, true);
    require_sound(input, raw);
    std::string text = "#\n";
    for (const EnvLine& line : raw.lines)
        text += line.key + (line.value ? "=" + *line.value : "") + "\n";
    require_same(raw, read(text, true), text);

    const Read plain = read(input, false);
    require_sound(input, plain);
    text = "#\n";
    for (const EnvLine& line : plain.lines) {
        text += line.key + (line.value ? "=" + as_double_quoted(*line.value) : "") + "\n";
    }
    require_same(plain, read(text, false), text);
}

}  // namespace nap::fuzz
