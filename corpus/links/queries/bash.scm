((command name: (command_name) @_name) @import (#match? @_name "^(source|\\.|load)$"))
