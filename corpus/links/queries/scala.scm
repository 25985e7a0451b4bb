(import_declaration) @import
(call_expression
  function: (call_expression function: (identifier) @_name arguments: (arguments . (string) @title))
  arguments: (block) (#match? @_name "^(test|it|property)$")) @test
(infix_expression left: (infix_expression) @title operator: (identifier) @_name right: (block)
  (#eq? @_name "in")) @test
