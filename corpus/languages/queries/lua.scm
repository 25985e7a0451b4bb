(function_declaration
  name: [(identifier) (dot_index_expression) (method_index_expression)] @path
  body: (_) @body) @function
(function_declaration
  name: [(identifier) (dot_index_expression) (method_index_expression)] @path
  !body "end" @body) @function
; A function bound to a name takes it.
(assignment_statement
  (variable_list . name: [(identifier) (dot_index_expression)] @path .)
  (expression_list . value: [
    (function_definition body: (_) @body) (function_definition !body "end" @body)] .)) @function
(variable_declaration (assignment_statement
  (variable_list . name: (identifier) @path .)
  (expression_list . value: [
    (function_definition body: (_) @body) (function_definition !body "end" @body)] .))) @function
(field name: [(identifier) (string)] @name value: [
  (function_definition body: (_) @body) (function_definition !body "end" @body)]) @function

(assignment_statement
  (variable_list . name: [(identifier) (dot_index_expression)] @path .)
  (expression_list . value: (table_constructor) @body .)) @class
(field name: [(identifier) (string)] @name value: (table_constructor) @body) @class

(function_call name: [
  (identifier) @call
  (dot_index_expression field: (_) @call)
  (method_index_expression method: (_) @call)])

(comment) @comment
