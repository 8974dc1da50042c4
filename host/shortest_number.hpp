#pragma once

namespace npo {

/// The double whose shortest decimal is that of the float: 0.6f becomes 0.6, which is what people wrote, and
/// read back it is 0.6f again.
double shortest_double(float value);

}  // namespace npo
