// docs/reference/manifest.md has one row for each key the reader knows, and says of each what the
// reader does with it.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "manifest/keys.hpp"

namespace nap {
namespace {

struct Row {
    std::string status;
    std::string text;
};

/// Of one section, by key.
using Rows = std::map<std::string, Row>;

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// A row "| `key` | status | text |" goes into `rows`; a key that is there twice is a failure.
void read_row(const std::string& line, const std::string& section, Rows& rows) {
    if (!line.starts_with("| `")) return;
    const std::size_t key_end = line.find('`', 3);
    const std::size_t status = line.find("| ", key_end);
    const std::size_t text = line.find("| ", status + 2);
    if (text == std::string::npos) {
        ADD_FAILURE() << section << ": not three columns: " << line;
        return;
    }
    const std::string key = line.substr(3, key_end - 3);
    const Row row{trimmed(line.substr(status + 2, text - status - 2)),
                  trimmed(line.substr(text + 2, line.rfind('|') - text - 2))};
    EXPECT_FALSE(row.text.empty()) << section << ": nothing said of " << key;
    EXPECT_TRUE(rows.emplace(key, row).second) << section << ": " << key << " has two rows";
}

/// The tables of the page by the heading they stand under.
std::map<std::string, Rows> read_page() {
    std::map<std::string, Rows> sections;
    std::ifstream page(NAP_SOURCE_DIR "/docs/reference/manifest.md");
    EXPECT_TRUE(page) << "docs/reference/manifest.md cannot be read";
    std::string section;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("## ")) section = line.substr(3);
        read_row(line, section, sections[section]);
    }
    std::erase_if(sections, [](const auto& entry) { return entry.second.empty(); });
    return sections;
}

/// What the page should have: status by key, with the reader's advice for refused keys.
Rows rows_of(const KeyTable& table) {
    Rows rows;
    for (const std::string_view key : table.known)
        rows[std::string(key)] = {"supported", ""};
    for (const RefusedKey& key : table.refused)
        rows[std::string(key.name)] = {"refused", std::string(key.advice)};
    return rows;
}

const std::map<std::string, KeyTable>& tables() {
    static const std::map<std::string, KeyTable> all{
        {"Top level", {keys::top_level_known, keys::top_level_refused}},
        {"Service", keys::service},
        {"Deploy", keys::deploy},
        {"Placement", keys::placement},
        {"Preference", keys::preference},
        {"Resources", keys::resources},
        {"Limits", keys::limits},
        {"Reservations", keys::reservations},
        {"Healthcheck", keys::healthcheck},
        {"Port", keys::port},
        {"Mount", keys::mount},
        {"Service network", keys::service_network},
        {"Network", keys::network},
        {"Volume", keys::volume},
        {"x-nap", keys::x_nap},
        {"x-nap of an app", keys::app_x_nap},
    };
    return all;
}

TEST(manifest_doc, has_a_row_for_each_key_and_no_other) {
    const auto page = read_page();
    for (const auto& [section, table] : tables()) {
        const auto found = page.find(section);
        if (found == page.end()) {
            ADD_FAILURE() << "no section " << section;
            continue;
        }
        const Rows wanted = rows_of(table);
        for (const auto& [key, row] : wanted) {
            const auto documented = found->second.find(key);
            if (documented == found->second.end()) {
                ADD_FAILURE() << section << ": " << key << " (" << row.status << ") has no row";
                continue;
            }
            EXPECT_EQ(documented->second.status, row.status) << section << ": " << key;
            const bool advises = documented->second.text.find(row.text) != std::string::npos;
            EXPECT_TRUE(advises) << section << ": " << key << " should say: " << row.text;
        }
        for (const auto& [key, row] : found->second) {
            EXPECT_TRUE(wanted.contains(key)) << section << ": the reader has no key " << key;
        }
    }
    for (const auto& [section, rows] : page)
        EXPECT_TRUE(tables().contains(section)) << "a table the reader does not have: " << section;
}

}  // namespace
}  // namespace nap
