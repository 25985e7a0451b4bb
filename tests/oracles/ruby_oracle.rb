# Prints the methods that Ruby's own parser sees, as JSON lines: path, dotted name, first line, last
# line, and an empty doc, which the parser does not keep. Takes a file that lists the files to read.
# A file with syntax errors gives only its path.
require "json"

def constant(node)
  outer = node.type == :COLON2 ? node.children[0] : nil
  [*(outer && constant(outer)), node.children[-1].to_s]
end

def walk(path, node, scope)
  return unless node.is_a?(RubyVM::AbstractSyntaxTree::Node)

  children = node.children
  case node.type
  when :CLASS, :MODULE
    scope = [*scope, *constant(children[0])]
  when :DEFN, :DEFS
    target = node.type == :DEFS ? children[0] : nil
    owner = target && target.type != :SELF ? target.children.map(&:to_s).last : nil
    name = children[node.type == :DEFS ? 1 : 0].to_s
    scope = [*scope, *owner, name]
    puts JSON.generate([path, scope.join("."), node.first_lineno, node.last_lineno, ""])
  end
  children.each { |child| walk(path, child, scope) }
end

File.readlines(ARGV[0], chomp: true).each do |path|
  walk(path, RubyVM::AbstractSyntaxTree.parse(File.read(path, encoding: "UTF-8")), [])
rescue SyntaxError, ArgumentError, EncodingError
  puts JSON.generate([path])
end
