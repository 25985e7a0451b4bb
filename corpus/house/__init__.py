"""What a team needs to make the templates its own: list, show, copy, preview, check."""
