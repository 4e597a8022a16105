import ts from 'typescript';

/** Names that a fold must not read, or that the server's engine does not have. */
const FORBIDDEN_NAMES = new Set([
  'Date',
  'Intl',
  'eval',
  'Function',
  'structuredClone',
  'require',
  'globalThis',
  'process',
  'Promise',
  'setTimeout',
  'Proxy',
  'Reflect',
  'console',
]);
const FORBIDDEN_MEMBERS = new Set([
  'random',
  'toLocaleString',
  'toLocaleUpperCase',
  'toLocaleLowerCase',
  'localeCompare',
  'constructor',
  '__proto__',
]);

/** Every use of something that the server's projection engine lacks or that could make two folds differ. */
export const forbiddenUses = (source: string): string[] => {
  const file = ts.createSourceFile('projection.js', source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const found: string[] = [];
  const report = (node: ts.Node, what: string): void => {
    found.push(`${what} in line ${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isExportAssignment(node)) {
      report(node, 'module');
    }
    if (node.kind === ts.SyntaxKind.ImportKeyword) report(node, 'import');
    if (node.kind === ts.SyntaxKind.ExportKeyword) report(node, 'export');
    if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) report(node, 'async');
    if (ts.isYieldExpression(node)) report(node, 'yield');
    if ((ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node)) && node.asteriskToken !== undefined) {
      report(node, 'generator');
    }
    if (ts.isMethodDeclaration(node) && node.asteriskToken !== undefined) report(node, 'generator');
    if (ts.isIdentifier(node) && !isMemberName(node) && FORBIDDEN_NAMES.has(node.text)) report(node, node.text);
    if (ts.isPropertyAccessExpression(node) && FORBIDDEN_MEMBERS.has(node.name.text)) report(node, node.name.text);
    if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
      if (FORBIDDEN_MEMBERS.has(node.argumentExpression.text)) report(node, node.argumentExpression.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};

const isMemberName = (node: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) ||
  (ts.isPropertyAssignment(node.parent) && node.parent.name === node);
