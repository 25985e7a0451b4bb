"""From a file's text to its functions and their docs."""
