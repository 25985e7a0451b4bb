(function_declaration name: (_) @name (function_body)? @body) @function
(secondary_constructor "constructor" @name (block)? @body) @constructor

(class_declaration name: (_) @name) @class
(object_declaration name: (_) @name) @class
(companion_object name: (_) @name) @class
(companion_object !name) @class
(object_literal) @class

(call_expression . [
  (identifier) @call
  (navigation_expression (identifier) @call .)])

(block_comment) @comment
(line_comment) @comment
