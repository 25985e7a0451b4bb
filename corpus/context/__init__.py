"""From a function to what explains it: the definitions that it calls, and near misses."""
