"""From a repo's commits to changes: one function before and after one commit."""
