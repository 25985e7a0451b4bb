<?php
// Prints the functions that PHP's own tokenizer sees, as JSON lines: path, dotted name, first line,
// last line, doc comment as it stands. Takes a file that lists the files to read. A file with syntax
// errors gives only its path.

const CLASSES = [T_CLASS, T_INTERFACE, T_TRAIT, T_ENUM];
const MODIFIERS = [T_PUBLIC, T_PROTECTED, T_PRIVATE, T_STATIC, T_ABSTRACT, T_FINAL, T_READONLY];
const NAMES = [T_STRING, T_NAME_QUALIFIED];

function rows(string $path): array
{
    $all = PhpToken::tokenize(file_get_contents($path), TOKEN_PARSE);
    $kept = fn ($token) => !$token->is([T_WHITESPACE, T_COMMENT, T_OPEN_TAG]);
    $tokens = array_values(array_filter($all, $kept));
    $rows = $scopes = [];
    $namespace = $doc = '';
    $first = $pending = null;
    $depth = $attribute = 0;
    foreach ($tokens as $i => $token) {
        $next = $tokens[$i + 1] ?? null;
        $before = $tokens[$i - 1] ?? null;
        if ($attribute || $token->is(T_ATTRIBUTE)) {
            $first ??= $token->line;
            $attribute += match ($token->text) { '#[', '[' => 1, ']' => -1, default => 0 };
        } elseif ($token->is(T_DOC_COMMENT)) {
            $doc = $token->text;
        } elseif ($token->is(MODIFIERS)) {
            $first ??= $token->line;
        } elseif ($token->is(T_NAMESPACE) && $next?->is(NAMES)) {
            $namespace = str_replace('\\', '.', $next->text);
        } elseif ($token->is(CLASSES) && !$before?->is(T_DOUBLE_COLON)) {
            $pending = [$next?->is(T_STRING) ? $next->text : '', null];
        } elseif ($token->is(T_FUNCTION) && !$before?->is(T_USE)) {
            $at = $i + 1;
            while ($tokens[$at]->text === '&') {
                $at++;
            }
            if ($tokens[$at]->text !== '(') {
                $scope = [$namespace, ...array_column($scopes, 0), $tokens[$at]->text];
                $name = implode('.', array_filter($scope, fn ($part) => $part !== ''));
                $rows[] = [$path, $name, $first ?? $token->line, 0, $doc];
                $pending = [$tokens[$at]->text, count($rows) - 1];
            }
        } elseif (in_array($token->text, ['{', '${']) || $token->is(T_CURLY_OPEN)) {
            if ($pending && $token->text === '{') {
                $scopes[] = [...$pending, $depth];
                $pending = null;
            }
            $depth++;
        } elseif ($token->text === '}') {
            $depth--;
            if ($scopes && end($scopes)[2] === $depth) {
                [, $row] = array_pop($scopes);
                if ($row !== null) {
                    $rows[$row][3] = $token->line;
                }
            }
        } elseif ($token->text === ';' && isset($pending[1])) {
            $rows[$pending[1]][3] = $token->line;
            $pending = null;
        }
        if (!$attribute && $token->is([';', '{', '}', ','])) {
            $doc = '';
            $first = null;
        }
    }
    return $rows;
}

foreach (file($argv[1], FILE_IGNORE_NEW_LINES) as $path) {
    try {
        $rows = rows($path);
    } catch (ParseError) {
        $rows = [[$path]];
    }
    foreach ($rows as $row) {
        echo json_encode($row, JSON_INVALID_UTF8_SUBSTITUTE), "\n";
    }
}
