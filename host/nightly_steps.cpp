#include "host/nightly_steps.hpp"

#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {

NightlySteps::NightlySteps(const std::filesystem::path& folder)
    : file_(folder / "steps.json"), steps_(nlohmann::json::object()) {
  if (!std::filesystem::exists(file_)) return;
  steps_ = nlohmann::json::parse(read_text(file_), nullptr, false);
  if (!steps_.is_object())
    throw Error(ErrorKind::bad_data, file_.string() + " is not a JSON object",
                "remove the night's folder and run it again");
}

void NightlySteps::record(const std::string& step, nlohmann::json result) {
  steps_[step] = std::move(result);
  make_directory(file_.parent_path());
  write_text_atomically(file_, true, steps_.dump(1) + "\n");
}

}  // namespace npo
