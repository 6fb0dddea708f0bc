#include "reconciler/digest.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace nap {

std::string digest(std::string_view content) {
    const boost::uuids::name_generator_sha1 generate(boost::uuids::uuid{});
    std::string text = boost::uuids::to_string(generate(content.data(), content.size()));
    std::erase(text, '-');
    return text;
}

}  // namespace nap
