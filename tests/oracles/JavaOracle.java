import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Prints the methods that javac's parser sees, as JSON lines: path, dotted name, first line, last
 * line, doc. Takes a file that lists the files to read. A file with syntax errors gives only its
 * path.
 */
public class JavaOracle {
    public static void main(String[] arguments) throws Exception {
        List<String> paths = Files.readAllLines(Path.of(arguments[0]));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        for (String path : paths) {
            DiagnosticCollector<JavaFileObject> faults = new DiagnosticCollector<>();
            StandardJavaFileManager files =
                    compiler.getStandardFileManager(faults, null, StandardCharsets.UTF_8);
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, faults, List.of("-proc:none"), null, files.getJavaFileObjects(path));
            List<String> rows = new ArrayList<>();
            for (CompilationUnitTree unit : task.parse()) {
                new Methods(task, path, unit, rows).scan(unit, null);
            }
            boolean faulty = faults.getDiagnostics().stream()
                    .anyMatch(fault -> fault.getKind() == Diagnostic.Kind.ERROR);
            for (String row : faulty ? List.of("[" + quote(path) + "]") : rows) {
                out.println(row);
            }
        }
        out.flush();
    }

    private static class Methods extends TreePathScanner<Void, Void> {
        private final DocTrees docs;
        private final String path;
        private final CompilationUnitTree unit;
        private final List<String> rows;
        private final ArrayDeque<String> scope = new ArrayDeque<>();

        Methods(JavacTask task, String path, CompilationUnitTree unit, List<String> rows) {
            this.docs = DocTrees.instance(task);
            this.path = path;
            this.unit = unit;
            this.rows = rows;
        }

        @Override
        public Void visitClass(ClassTree tree, Void nothing) {
            String name = tree.getSimpleName().toString();
            if (name.isEmpty()) {
                return super.visitClass(tree, nothing);
            }
            scope.addLast(name);
            super.visitClass(tree, nothing);
            scope.removeLast();
            return null;
        }

        @Override
        public Void visitMethod(MethodTree tree, Void nothing) {
            SourcePositions positions = docs.getSourcePositions();
            long start = positions.getStartPosition(unit, tree);
            long end = positions.getEndPosition(unit, tree);
            String name = tree.getName().toString();
            scope.addLast(name.equals("<init>") ? scope.getLast() : name);
            if (end >= 0) { // a default constructor that javac adds has no end
                LineMap lines = unit.getLineMap();
                String doc = docs.getDocComment(getCurrentPath());
                rows.add("[" + String.join(",", quote(path), quote(String.join(".", scope)),
                        Long.toString(lines.getLineNumber(start)),
                        Long.toString(lines.getLineNumber(end - 1)),
                        quote(doc == null ? "" : doc)) + "]");
            }
            super.visitMethod(tree, nothing);
            scope.removeLast();
            return null;
        }
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            boolean plain = c >= ' ' && c < 127 && c != '"' && c != '\\';
            quoted.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return quoted.append('"').toString();
    }
}
