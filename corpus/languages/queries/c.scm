; A declarator may stand behind pointers, and around one where a function returns a function.
(function_definition declarator: [
  (function_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
    declarator: (identifier) @name)))
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator
    declarator: (function_declarator declarator: (identifier) @name))))
  (function_declarator declarator: (parenthesized_declarator (identifier) @name))]
  body: (_) @body) @function

(call_expression function: [
  (identifier) @call
  (field_expression field: (field_identifier) @call)])

(comment) @comment
