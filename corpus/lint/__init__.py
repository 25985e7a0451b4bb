"""What a linter would better in functions as they stand: refactorings that no commit has made."""
