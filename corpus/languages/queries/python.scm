(function_definition name: (_) @name body: (_) @body) @function
(decorated_definition
  definition: (function_definition name: (_) @name body: (_) @body)) @function
(class_definition name: (_) @name) @class

(call function: [(identifier) @call (attribute attribute: (_) @call)])
