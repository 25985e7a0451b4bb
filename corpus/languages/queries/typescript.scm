(public_field_definition name: (_) @name value: [
  (arrow_function body: (_) @body)
  (function_expression body: (_) @body)
  (generator_function body: (_) @body)]) @function

; Without a body: overloads, abstract methods, the members of interfaces, ambient functions.
(function_signature name: (_) @name) @function
(export_statement declaration: (function_signature name: (_) @name)) @function
(ambient_declaration (function_signature name: (_) @name)) @function
(export_statement declaration: (ambient_declaration (function_signature name: (_) @name))) @function
(method_signature name: (_) @name) @function
(abstract_method_signature name: (_) @name) @function

(abstract_class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(type_alias_declaration name: (_) @name value: (object_type)) @class
(internal_module name: [(identifier) (nested_identifier)] @path) @namespace
(module name: [(identifier) (nested_identifier)] @path) @namespace

(class_body (decorator) @attribute)
