((call method: (identifier) @_name) @import (#match? @_name "^require(_relative)?$"))
(call method: (identifier) @_name arguments: (argument_list . (_) @title) block: [(do_block) (block)]
  (#match? @_name "^(it|specify|example|test|scenario)$")) @test
(call method: (identifier) @_name arguments: (argument_list . (_) @title) block: (do_block)
  (#match? @_name "^(describe|context|feature)$")) @group
(call method: (identifier) @_name block: [(do_block) (block)]
  (#match? @_name "^(before|setup|let!?|subject)$")) @hook
