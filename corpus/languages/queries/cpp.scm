(function_definition declarator: [
  (function_declarator declarator: [
    (field_identifier) @name
    (destructor_name) @name
    (operator_name) @name
    (template_function name: (_) @name)
    (qualified_identifier) @path])
  (pointer_declarator declarator: (function_declarator declarator: [
    (field_identifier) @name
    (operator_name) @name
    (template_function name: (_) @name)
    (qualified_identifier) @path]))
  (reference_declarator (function_declarator declarator: [
    (identifier) @name
    (field_identifier) @name
    (operator_name) @name
    (template_function name: (_) @name)
    (qualified_identifier) @path]))
  (operator_cast) @path
  (qualified_identifier) @path]
  body: (_)? @body) @function
; A template's parameters belong to it.
(template_declaration (function_definition declarator: [
  (function_declarator declarator: [
    (identifier) @name
    (field_identifier) @name
    (operator_name) @name
    (template_function name: (_) @name)
    (qualified_identifier) @path])
  (pointer_declarator declarator: (function_declarator declarator: [
    (identifier) @name
    (field_identifier) @name
    (operator_name) @name
    (qualified_identifier) @path]))
  (reference_declarator (function_declarator declarator: [
    (identifier) @name
    (field_identifier) @name
    (operator_name) @name
    (qualified_identifier) @path]))
  (qualified_identifier) @path]
  body: (_) @body)) @function

(class_specifier name: (_) @path body: (_)) @class
(struct_specifier name: (_) @path body: (_)) @class
(union_specifier name: (_) @path body: (_)) @class
(namespace_definition name: (_) @path) @namespace

(call_expression function: [
  (field_expression field: (template_method name: (_) @call))
  (template_function name: (_) @call)
  (qualified_identifier name: (identifier) @call)
  (qualified_identifier name: (qualified_identifier name: (identifier) @call))])
(new_expression type: (type_identifier) @call)
