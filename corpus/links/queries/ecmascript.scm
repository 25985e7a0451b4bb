(import_statement) @import
(program (lexical_declaration (variable_declarator value: [
  (call_expression function: (identifier) @_require)
  (call_expression function: (call_expression function: (identifier) @_require))
  (member_expression object: (call_expression function: (identifier) @_require))])
  (#eq? @_require "require")) @import)
(program (variable_declaration (variable_declarator value: [
  (call_expression function: (identifier) @_require)
  (call_expression function: (call_expression function: (identifier) @_require))
  (member_expression object: (call_expression function: (identifier) @_require))])
  (#eq? @_require "require")) @import)

(expression_statement (call_expression
  function: [
    (identifier) @_name
    (member_expression object: (identifier) @_name)
    (call_expression function: (member_expression object: (identifier) @_name))]
  arguments: (arguments . (_) @title [(arrow_function) (function_expression)]))
  (#match? @_name "^[xf]?(it|test|specify)$")) @test
(expression_statement (call_expression
  function: [
    (identifier) @_name
    (member_expression object: (identifier) @_name)
    (call_expression function: (member_expression object: (identifier) @_name))]
  arguments: (arguments . (_) @title [(arrow_function) (function_expression)]))
  (#match? @_name "^[xf]?(describe|context|suite)$")) @group
(expression_statement (call_expression
  function: (identifier) @_name
  arguments: (arguments [(arrow_function) (function_expression)]))
  (#match? @_name "^(before|beforeEach|beforeAll|setup)$")) @hook
