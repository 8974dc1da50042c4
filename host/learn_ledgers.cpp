#include "host/learn_ledgers.hpp"

#include <algorithm>
#include <tuple>

#include "host/run_context.hpp"

namespace npo {

LearnLedgers::LearnLedgers(const LearnInputs& inputs, const EventCensus& census, const StateSnapshot& before)
    : inputs_(inputs), entries_(before.manifest().ledgers) {
  for (std::size_t run = 0; run < inputs.runs.size(); ++run) {
    const DecisionRun& decisions = *inputs.runs[run].decisions;
    index_.emplace_back(inputs.sources.size());
    for (std::size_t source = 0; source < inputs.sources.size(); ++source) {
      if (census.answered[run * inputs.sources.size() + source] == 0) continue;
      index_[run][source] = ledgers_.size();
      Ledger& ledger = ledgers_.emplace_back(run, source);
      const auto known = std::ranges::find_if(entries_, [&](const LedgerEntry& entry) {
        return entry.run_id == decisions.run_id() && entry.source == inputs.sources[source];
      });
      ledger.cells =
          known == entries_.end() ? std::vector<std::uint8_t>(decisions.rows(), 0) : before.ledger(*known);
    }
  }
}

std::span<const std::uint8_t> LearnLedgers::cells(std::size_t run, std::size_t source, std::uint64_t first,
                                                  std::uint64_t count) const {
  return std::span(of(run, source).cells).subspan(first, count);
}

void LearnLedgers::store(std::size_t run, std::size_t source, std::uint64_t first,
                         std::span<const std::uint8_t> cells) {
  Ledger& ledger = ledgers_[index_[run][source]];
  const auto place = ledger.cells.begin() + static_cast<std::ptrdiff_t>(first);
  if (std::equal(cells.begin(), cells.end(), place)) return;
  std::ranges::copy(cells, place);
  ledger.changed = true;
}

std::vector<LedgerEntry> LearnLedgers::write(UnixSeconds oldest_night, StateTransaction& transaction,
                                             int threads) const {
  std::vector<const Ledger*> changed;
  for (const Ledger& ledger : ledgers_)
    if (ledger.changed) changed.push_back(&ledger);
  std::vector<LedgerEntry> written(changed.size());
  parallel_for(threads, changed.size(), [&](std::uint64_t i) {
    const DecisionRun& decisions = *inputs_.runs[changed[i]->run].decisions;
    written[i] = transaction.write_ledger(decisions.run_id(), inputs_.sources[changed[i]->source],
                                          decisions.identity().night, changed[i]->cells);
  });
  std::vector<LedgerEntry> entries = entries_;
  std::erase_if(entries, [&](const LedgerEntry& old) {
    return old.night < oldest_night || std::ranges::any_of(written, [&](const LedgerEntry& entry) {
             return entry.run_id == old.run_id && entry.source == old.source;
           });
  });
  entries.insert(entries.end(), written.begin(), written.end());
  std::ranges::sort(entries, {}, [](const LedgerEntry& entry) {
    return std::tie(entry.night, entry.run_id, entry.source);
  });
  return entries;
}

}  // namespace npo
