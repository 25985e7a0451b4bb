(function_definition name: (_) @name body: (_) @body) @function
(function_declaration name: (_) @name) @function

(class_definition name: (_) @name) @class
(object_definition name: (_) @name) @class
(trait_definition name: (_) @name) @class
(enum_definition name: (_) @name) @class
(given_definition name: (_) @name) @class
(instance_expression (template_body) @class)
(package_object name: (_) @name) @class

(call_expression function: [
  (identifier) @call
  (field_expression field: (identifier) @call)
  (generic_function function: [
    (identifier) @call
    (field_expression field: (identifier) @call)])])
(instance_expression (type_identifier) @call)

(comment) @comment
(block_comment) @comment
