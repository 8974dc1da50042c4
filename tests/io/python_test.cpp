#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "io/atomic_file.hpp"
#include "tests/io/scenario_example.hpp"
#include "tests/io/temporary_folder.hpp"

/// Files travel both ways between npo and Python. Skipped where no Python has the modules; NPO_PYTHON names
/// another one.
namespace npo {
namespace {

using test::ScenarioExample;
using test::TemporaryFolder;

bool runs(const std::string& command) {
  return std::system((command + " > /dev/null 2>&1").c_str()) == 0;
}

/// A Python that can import `modules`, or nothing.
std::string find_python(const std::string& modules) {
  const char* named = std::getenv("NPO_PYTHON");
  for (const std::string python : {named ? named : "python3", "/usr/bin/python3"})
    if (runs(python + " -c 'import " + modules + "'")) return python;
  return {};
}

/// What `script` prints, run in `folder`; its errors come first.
std::string run_python(const std::string& python, const TemporaryFolder& folder, const std::string& script) {
  std::ofstream(folder / "script.py") << script;
  const std::string command = "cd '" + folder.path().string() + "' && " + python + " script.py 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string printed;
  std::array<char, 4096> block;
  while (const std::size_t got = std::fread(block.data(), 1, block.size(), pipe))
    printed.append(block.data(), got);
  return ::pclose(pipe) == 0 ? printed : "failed: " + printed;
}

TEST(Python, TheScriptOfTheFormatPageWritesAGoodFile) {
  const std::string python = find_python("h5py, numpy");
  if (python.empty()) GTEST_SKIP() << "no Python with h5py";
  const TemporaryFolder folder;
  const std::string page = read_text(NPO_SOURCE_DIR "/docs/formats/scenarios.md");
  const std::string fence = "```python\n";
  const std::size_t start = page.find(fence) + fence.size();
  ASSERT_EQ(run_python(python, folder, page.substr(start, page.find("```", start) - start)), "");
  const ScenarioFile file(folder / "scenarios.h5");
  validate_scenarios(file);
  EXPECT_EQ(file.rows(), 3u);
  EXPECT_EQ(file.header().nights.size(), 2u);
  EXPECT_EQ(file.header().features, (std::vector<std::string>{"smart_5_raw", "smart_194_raw"}));
  EXPECT_EQ(file.features(1, 1).as<float>()[0], 8.0f);
  const auto words = id_words(file.header().id, file.stored_ids(1, 1).bytes());
  EXPECT_EQ(id_text(file.header().id, words.data()), "Z302B0M7");
}

TEST(Python, H5pyReadsOurFiles) {
  const std::string python = find_python("h5py, numpy");
  if (python.empty()) GTEST_SKIP() << "no Python with h5py";
  const TemporaryFolder folder;
  for (const bool text : {false, true})
    for (const int level : {0, 1}) {
      ScenarioExample({20000, 50}, text).write(folder / "s.h5", {level, true});
      EXPECT_EQ(run_python(python, folder, R"(
import h5py
text = lambda value: value.decode() if isinstance(value, bytes) else value
with h5py.File('s.h5') as f:
    s = f['scenarios']
    print(text(f.attrs['format']), text(s['time'].attrs['units']))
    print(s['features'].shape, s['features'].dtype, s['features'][20049].tolist(), [text(x) for x in s['feature'][:]])
    print(s['features'].dims[0].keys(), s['features'].dims[1].keys(), s['fleet'].dims[0][0] == s['id'])
    print(s['label'].attrs['flag_values'].tolist(), f['nights/rows'][:].tolist())
)"),
                "npo.scenarios seconds since 1970-01-01T00:00:00Z\n"
                "(20050, 3) float32 [49.0, 49.25, 49.5] ['feature_0', 'feature_1', 'feature_2']\n"
                "['id'] ['feature'] True\n"
                "[0, 1, 255] [20000, 50]\n");
    }
}

TEST(Python, XarrayReadsOurFiles) {
  bool tried = false;
  for (const std::string engine : {"h5netcdf", "netCDF4"}) {
    const std::string python = find_python("xarray, " + engine);
    if (python.empty()) continue;
    tried = true;
    const TemporaryFolder folder;
    for (const bool text : {false, true}) {
      ScenarioExample({20000, 50}, text).write(folder / "s.h5");
      const std::string name = engine == "netCDF4" ? "netcdf4" : engine;
      EXPECT_EQ(run_python(python, folder, "engine = '" + name + "'" + R"(
import xarray as xr
s = xr.open_dataset('s.h5', group='scenarios', engine=engine).load()
print(s.features.dims, sorted(s.sizes.items()), s.time.values[0], str(s.feature.values[1]).strip("b'"))
print(s.label.attrs['flag_meanings'], float(s.features.isel(id=20049, feature=2)))
n = xr.open_dataset('s.h5', group='nights', engine=engine).load()
print(n['rows'].values.tolist(), n.time.values[1])
)"),
                "('id', 'feature') [('feature', 3), ('id', 20050)] 2013-04-20T00:00:00.000000000 feature_1\n"
                "no yes unknown 49.5\n"
                "[20000, 50] 2013-04-21T00:00:00.000000000\n")
          << engine << (text ? " text ids" : " integer ids");
    }
  }
  if (!tried) GTEST_SKIP() << "no Python with xarray and h5netcdf or netCDF4";
}

}  // namespace
}  // namespace npo
