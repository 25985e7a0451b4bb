(namespace_use_declaration) @import
(expression_statement (function_call_expression
  function: (name) @_name
  arguments: (arguments . (argument (_) @title) (argument [(anonymous_function) (arrow_function)])))
  (#match? @_name "^(it|test)$")) @test
