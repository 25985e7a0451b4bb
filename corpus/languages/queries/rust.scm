(function_item name: (_) @name body: (_) @body) @function
(function_signature_item name: (_) @name) @function

(impl_item type: [
  (type_identifier) @name
  (primitive_type) @name
  (generic_type type: (type_identifier) @name)
  (generic_type type: (scoped_type_identifier name: (_) @name))
  (scoped_type_identifier name: (_) @name)
  (reference_type type: (type_identifier) @name)
  (reference_type type: (primitive_type) @name)
  (reference_type type: (generic_type type: (type_identifier) @name))
  (reference_type type: (scoped_type_identifier name: (_) @name))
  (reference_type type: (array_type) @name)
  (reference_type type: (tuple_type) @name)
  (dynamic_type trait: (type_identifier) @name)
  (bounded_type (dynamic_type trait: (type_identifier) @name))
  (array_type) @name
  (tuple_type) @name
  (function_type) @name
  (pointer_type type: (type_identifier) @name)
]) @class
(trait_item name: (_) @name) @class
(mod_item name: (_) @name body: (_)) @namespace

(call_expression function: [
  (identifier) @call
  (field_expression field: (_) @call)
  (scoped_identifier name: (_) @call)
  (generic_function function: [
    (identifier) @call
    (field_expression field: (_) @call)
    (scoped_identifier name: (_) @call)])])

(attribute_item) @attribute
(line_comment) @comment
(block_comment) @comment
