#pragma once
#include <array>
#include <string_view>
#include <utility>

#include "host/policy.hpp"

/// The words that policy files use for the values of the policy's enums.
namespace npo::policy_names {

template <class Enum, std::size_t N>
using Table = std::array<std::pair<std::string_view, Enum>, N>;

inline constexpr Table<TargetPreset, 2> target{
    {{"approval", TargetPreset::approval}, {"literal", TargetPreset::literal}}};
inline constexpr Table<StepSchedule::Kind, 2> step{
    {{"constant", StepSchedule::Kind::constant}, {"robbins_monro", StepSchedule::Kind::robbins_monro}}};
inline constexpr Table<Carry, 3> carry{
    {{"offset", Carry::offset}, {"keep", Carry::keep}, {"reset", Carry::reset}}};
inline constexpr Table<Rebase, 3> rebase{
    {{"shrink", Rebase::shrink}, {"exact", Rebase::exact}, {"reset", Rebase::reset}}};
inline constexpr Table<NanPolicy, 2> nan{{{"error", NanPolicy::error}, {"block", NanPolicy::block}}};
inline constexpr Table<ThresholdKind, 6> threshold{
    {{"thompson", ThresholdKind::thompson},
     {"discounted_thompson", ThresholdKind::discounted_thompson},
     {"sliding_thompson", ThresholdKind::sliding_thompson},
     {"epsilon_greedy", ThresholdKind::epsilon_greedy},
     {"ucb1", ThresholdKind::ucb1},
     {"fixed", ThresholdKind::fixed}}};
inline constexpr Table<DrawPer, 2> per{{{"round", DrawPer::round}, {"scenario", DrawPer::scenario}}};
inline constexpr Table<Credit, 3> credit{
    {{"automatic", Credit::automatic}, {"all", Credit::all}, {"acted", Credit::acted}}};
inline constexpr Table<MonitorKind, 2> monitor{
    {{"window", MonitorKind::window}, {"ewma", MonitorKind::ewma}}};
inline constexpr Table<Reference, 2> reference{
    {{"best", Reference::best}, {"absolute", Reference::absolute}}};

}  // namespace npo::policy_names
