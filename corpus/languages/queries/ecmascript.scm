; What JavaScript and TypeScript share. `@name` or `@path`: see docs/languages.md.

(function_declaration name: (_) @name body: (_) @body) @function
(generator_function_declaration name: (_) @name body: (_) @body) @function
(function_expression name: (_) @name body: (_) @body) @function
(generator_function name: (_) @name body: (_) @body) @function
(method_definition name: (_) @name body: (_) @body) @function

(export_statement declaration: [
  (function_declaration name: (_) @name body: (_) @body)
  (generator_function_declaration name: (_) @name body: (_) @body)]) @function
(export_statement "default" @name value: [
  (function_expression !name body: (_) @body)
  (generator_function !name body: (_) @body)
  (arrow_function body: (_) @body)]) @function

; A function bound to a name takes it. The statement is the function's own where it binds no other.
(variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)]) @function
(lexical_declaration . (variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)]) .) @function
(variable_declaration . (variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)]) .) @function
(export_statement declaration: (lexical_declaration
  . (variable_declarator name: (identifier) @name value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
    (generator_function body: (_) @body)]) .)) @function
(assignment_expression left: [(identifier) (member_expression)] @path right: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)]) @function
(expression_statement (assignment_expression left: [(identifier) (member_expression)] @path right: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)])) @function
(pair key: (_) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)]) @function

; So do classes, and the objects that hold functions.
(class_declaration name: (_) @name body: (_) @body) @class
(class name: (_) @name body: (_) @body) @class
(export_statement "default" @name value: (class !name body: (_) @body)) @class
(class !name body: (_) @body) @class
(variable_declarator name: (identifier) @name
  value: [(class body: (_) @body) (object) @body]) @class
(assignment_expression left: [(identifier) (member_expression)] @path
  right: [(class body: (_) @body) (object) @body]) @class
(pair key: (_) @name value: [(class body: (_) @body) (object) @body]) @class

(call_expression function: [
  (identifier) @call
  (member_expression property: (_) @call)])
(new_expression constructor: [
  (identifier) @call
  (member_expression property: (_) @call)])

(comment) @comment
