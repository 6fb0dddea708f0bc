// The tables of docs/reference/manifest.md are made of the rows of manifest/keys.hpp.
// NAP_UPDATE_DOCS=1 rewrites them; `git diff` then shows what has changed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "manifest/keys.hpp"

namespace nap {
namespace {

constexpr char page_path[] = NAP_SOURCE_DIR "/docs/reference/manifest.md";
constexpr char table_head[] = "| key | status |";

const char* status_text(KeyStatus status) {
    switch (status) {
        case KeyStatus::supported:
            return "supported";
        case KeyStatus::ignored:
            return "ignored";
        case KeyStatus::refused:
            break;
    }
    return "refused";
}

std::vector<std::string> table_of(const KeySection& section) {
    std::vector<std::string> lines{"| key | status | what it does, or why it does not |",
                                   "|---|---|---|"};
    for (const KeyRow& row : section.rows) {
        lines.push_back("| `" + std::string(row.key) + "` | " + status_text(row.status) + " | " +
                        std::string(row.text) + " |");
    }
    return lines;
}

std::map<std::string, const KeySection*> sections_by_title() {
    std::map<std::string, const KeySection*> sections;
    for (const KeySection* section : key_sections())
        sections[std::string(section->title)] = section;
    return sections;
}

struct Page {
    std::vector<std::string> lines;
    std::map<std::string, std::vector<std::string>> tables;  ///< of keys, by heading
};

/// The page as it is, and as it should be: each table of keys replaced by that of its section.
Page read_page(std::vector<std::string>& wanted) {
    Page page;
    const auto sections = sections_by_title();
    std::ifstream file(page_path);
    EXPECT_TRUE(file) << page_path << " cannot be read";
    std::string title;
    bool in_table = false;
    for (std::string line; std::getline(file, line);) {
        page.lines.push_back(line);
        if (line.starts_with("## ")) title = line.substr(3);
        const bool begins = line.starts_with(table_head);
        in_table = begins || (in_table && line.starts_with('|'));
        if (in_table) page.tables[title].push_back(line);
        if (!in_table) wanted.push_back(line);
        if (!begins) continue;
        const auto section = sections.find(title);
        if (section == sections.end()) continue;
        for (const std::string& row : table_of(*section->second))
            wanted.push_back(row);
    }
    return page;
}

TEST(manifest_doc, tables_are_those_of_the_reader) {
    std::vector<std::string> wanted;
    const Page page = read_page(wanted);
    for (const auto& [title, section] : sections_by_title())
        EXPECT_TRUE(page.tables.contains(title)) << "no table of keys under ## " << title;
    for (const auto& [title, table] : page.tables)
        EXPECT_TRUE(sections_by_title().contains(title)) << "the reader has no section " << title;
    if (std::getenv("NAP_UPDATE_DOCS") != nullptr) {
        std::ofstream file(page_path);
        for (const std::string& line : wanted)
            file << line << '\n';
        return;
    }
    ASSERT_EQ(page.lines.size(), wanted.size()) << "NAP_UPDATE_DOCS=1 rewrites the tables";
    for (std::size_t i = 0; i < wanted.size(); ++i)
        EXPECT_EQ(page.lines[i], wanted[i]) << page_path << ":" << i + 1;
}

}  // namespace
}  // namespace nap
