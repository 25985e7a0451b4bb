; A return type is a `name:` as well, so the place after `func` tells.
(function_declaration "func" . name: _ @name body: (_)? @body) @function
(protocol_function_declaration "func" . name: _ @name) @function
(init_declaration name: "init" @name body: (_)? @body) @constructor
(deinit_declaration "deinit" @name body: (_)? @body) @function

(class_declaration name: (_) @path) @class
(protocol_declaration name: (_) @path) @class

(call_expression . [
  (simple_identifier) @call
  (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @call))])

(comment) @comment
(multiline_comment) @comment
