// Prints the functions that go/parser sees, as JSON lines: path, dotted name, first line, last
// line, doc. Takes a file that lists the files to read. A file with syntax errors gives only its
// path.
package main

import (
	"bufio"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
)

func main() {
	list, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	out := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(list); lines.Scan(); {
		path := lines.Text()
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			out.Encode([]any{path})
			continue
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name := function.Name.Name
			if function.Recv != nil && len(function.Recv.List) > 0 {
				name = typeName(function.Recv.List[0].Type) + "." + name
			}
			first := files.PositionFor(function.Pos(), false).Line
			last := files.PositionFor(function.End(), false).Line
			out.Encode([]any{path, name, first, last, function.Doc.Text()})
		}
	}
}

func typeName(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ParenExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
