#include "bytetrack/network_metadata.hpp"
