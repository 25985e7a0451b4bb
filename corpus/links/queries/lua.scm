(chunk (variable_declaration (assignment_statement (expression_list
  (function_call name: (identifier) @_name))) (#eq? @_name "require")) @import)
(function_call name: (identifier) @_name
  arguments: (arguments . (_) @title (function_definition)) (#match? @_name "^(it|test)$")) @test
(function_call name: (identifier) @_name
  arguments: (arguments . (_) @title (function_definition))
  (#match? @_name "^(describe|context)$")) @group
(function_call name: (identifier) @_name arguments: (arguments (function_definition))
  (#match? @_name "^(before_each|setup)$")) @hook
