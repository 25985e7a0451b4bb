"""What must not be published: found, made unreadable or left out, and checked once more."""
