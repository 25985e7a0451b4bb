(function_definition name: (_) @name body: (_) @body) @function

(command name: (command_name (word) @call))

(comment) @comment
