# Prints the methods that Ruby's own parser sees, as JSON lines: path, dotted name, first line, last
# line, doc. Takes a file that lists the files to read. A file with syntax errors gives only its
# path.
#
# The doc is what RDoc and YARD take: the comments that Ripper's lexer finds on the lines right
# before, each a line of its own, without lines that speak to a tool.
require "json"
require "ripper"

DIRECTIVE = /\A# *(rubocop:|frozen_string_literal:|encoding:|-\*-|typed:|:(no)?doc:|@!)/

# Maps the lines that hold nothing but a comment to it; a block's lines all to the whole block.
def comments_by_line(source, lines)
  found = {}
  block = nil
  Ripper.lex(source).each do |(line, column), kind, text|
    case kind
    when :on_comment
      found[line] = [line, text.chomp] if lines[line - 1].byteslice(0, column).strip.empty?
    when :on_embdoc_beg then block = [line, +""]
    when :on_embdoc then block[1] << text
    when :on_embdoc_end then (block[0]..line).each { |at| found[at] = block }
    end
  end
  found
end

def doc(comments, first_line)
  above = []
  while (comment = comments[first_line - 1]) && !comment[1].start_with?("#!")
    above.unshift(comment[1])
    first_line = comment[0]
  end
  above.grep_v(DIRECTIVE).map { |text| text.sub(/\A#+/, "") }.join("\n")
end

def constant(node)
  outer = node.type == :COLON2 ? node.children[0] : nil
  [*(outer && constant(outer)), node.children[-1].to_s]
end

def walk(path, node, scope, comments, lines)
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
    before = lines[node.first_lineno - 1].byteslice(0, node.first_column)
    is_alone = before.match?(/\A\s*(\w+[!?]?[ (]\s*)*\z/) # private def, memoize def
    text = is_alone ? doc(comments, node.first_lineno) : ""
    puts JSON.generate([path, scope.join("."), node.first_lineno, node.last_lineno, text])
  end
  children.each { |child| walk(path, child, scope, comments, lines) }
end

File.readlines(ARGV[0], chomp: true).each do |path|
  source = File.read(path, encoding: "UTF-8")
  lines = source.lines
  tree = RubyVM::AbstractSyntaxTree.parse(source)
  walk(path, tree, [], comments_by_line(source, lines), lines)
rescue SyntaxError, ArgumentError, EncodingError
  puts JSON.generate([path])
end
