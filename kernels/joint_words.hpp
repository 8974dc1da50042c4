#pragma once
#include "kernels/lane/scalar.hpp"

/// How a try of Thompson sampling over K arms shares out its random words. Each arm needs a radius and an
/// angle (Box and Muller), all arms together one acceptance; a radius and an acceptance are worth a word
/// each, but an angle no more than 16 bits, and those are taken from the ends of the other words
/// (docs/decisions/0014-angles-of-16-bits.md says why both are enough). So five arms, their acceptance and
/// the reward take two Philox blocks.
///
///     words 0 .. K-1               radii, 32 bits
///     word  K                      acceptance, 32 bits
///     words K+1 .. uniforms-1      what else the caller draws from their top 24 bits (a reward)
///     words uniforms ..            two angles each
///
/// Let `pairs` be half the number of uniforms. Angle k < pairs is made of the low bytes of the two uniforms
/// i and i + pairs, i = k + 1 modulo pairs, never of its own radius; the others come from the whole words.
namespace npo {

/// `uniforms` is K + 1 or more.
template <int K, int uniforms>
inline constexpr int joint_word_count = uniforms + (K - uniforms / 2 + 1) / 2;

/// The words of one try. Of an angle the top 16 bits count.
template <class L, int K>
struct JointWords {
  typename L::U radius[K], angle[K], acceptance;
};

/// Shares out `joint_word_count<K, uniforms>` words.
template <class L, int K, int uniforms>
NPO_HD JointWords<L, K> joint_words(const typename L::U* words) {
  constexpr int pairs = uniforms / 2;
  static_assert(uniforms > K && pairs >= 2 && pairs <= K);
  JointWords<L, K> shared;
  NPO_UNROLL
  for (int k = 0; k < K; ++k) {
    shared.radius[k] = words[k];
    if (k < pairs) {
      const int i = (k + 1) % pairs;
      // The top byte is a low byte plus something of another word, so it is as uniform as the low byte.
      shared.angle[k] = words[i] << 24 ^ words[i + pairs] << 16;
    } else {
      const int j = k - pairs;
      const typename L::U word = words[uniforms + j / 2];
      shared.angle[k] = j % 2 == 0 ? word : word << 16;
    }
  }
  shared.acceptance = words[K];
  return shared;
}

}  // namespace npo
