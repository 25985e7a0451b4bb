(use_declaration) @import
; What a macro is given is not parsed: a name before a parenthesis is a call.
(token_tree (identifier) @call . (token_tree))
