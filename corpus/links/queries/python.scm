(module [(import_statement) (import_from_statement)] @import)
(module (if_statement (block [(import_statement) (import_from_statement)] @import)))
(module (try_statement (block [(import_statement) (import_from_statement)] @import)))

; A property is read, not called.
(attribute attribute: (identifier) @read)
; A decorator is called, brackets or none.
(decorator [(identifier) @call (attribute attribute: (identifier) @call)])
