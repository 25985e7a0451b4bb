(method name: (_) @name body: (_) @body) @function
(method name: (_) @name !body "end" @body) @function
(singleton_method object: (self) name: (_) @name body: (_) @body) @function
(singleton_method object: (self) name: (_) @name !body "end" @body) @function
(singleton_method object: [(constant) (identifier) (instance_variable)] @owner name: (_) @name body: (_) @body) @function
(singleton_method object: [(constant) (identifier) (instance_variable)] @owner name: (_) @name !body
  "end" @body) @function
; A modifier belongs to its method: private def …
(call !receiver arguments: (argument_list . [
  (method name: (_) @name body: (_) @body)
  (method name: (_) @name !body "end" @body)
  (singleton_method object: (self) name: (_) @name body: (_) @body)
  (singleton_method object: (self) name: (_) @name !body "end" @body)] .)) @function

(class name: (_) @path) @class
(module name: (_) @path) @class

(call method: [(identifier) (constant)] @call)

(comment) @comment
