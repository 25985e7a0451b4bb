(function_declaration name: (_) @name body: (_)? @body) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @owner
    (pointer_type (type_identifier) @owner)
    (generic_type type: (type_identifier) @owner)
    (pointer_type (generic_type type: (type_identifier) @owner))
    (parenthesized_type (type_identifier) @owner)
    (parenthesized_type (pointer_type (type_identifier) @owner))]))
  name: (_) @name
  body: (_)? @body) @function

(call_expression function: [
  (identifier) @call
  (selector_expression field: (_) @call)
  (type_instantiation_expression type: (type_identifier) @call)])

(comment) @comment
