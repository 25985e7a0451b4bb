(method_declaration name: (_) @name body: (_)? @body) @function
(local_function_statement name: (_) @name body: (_)? @body) @function
(constructor_declaration name: (_) @name body: (_)? @body) @constructor
(destructor_declaration name: (_) @name body: (_)? @body) @function
(operator_declaration operator: _ @name body: (_)? @body) @function
(conversion_operator_declaration type: (_) @name body: (_)? @body) @function

(class_declaration name: (_) @name) @class
(struct_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(record_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(namespace_declaration name: (_) @path) @namespace
(file_scoped_namespace_declaration name: (_) @path) @file

(invocation_expression function: [
  (identifier) @call
  (generic_name (identifier) @call)
  (member_access_expression name: (identifier) @call)
  (member_access_expression name: (generic_name (identifier) @call))
  (conditional_access_expression (member_binding_expression name: [
    (identifier) @call
    (generic_name (identifier) @call)]))])
(object_creation_expression type: [
  (identifier) @call
  (generic_name (identifier) @call)
  (qualified_name name: (identifier) @call)])

(comment) @comment
