(function_definition
  declarator: (function_declarator declarator: (identifier) @_name parameters: (_) @title)
  (#match? @_name "^(TYPED_)?TEST(_[FP])?$|^BOOST_(AUTO|FIXTURE)_TEST_CASE$")) @test
