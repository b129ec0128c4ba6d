/**
 * The nodes in an order in which each comes after what it needs, otherwise as they were given.
 *
 * @param needs what a node needs; names that are no nodes are passed over.
 * @param cycle makes the error for nodes that need each other in a ring: `['a', 'b', 'a']`.
 */
export function dependencyOrder(
  nodes: readonly string[],
  needs: (node: string) => Iterable<string>,
  cycle: (path: readonly string[]) => Error,
): string[] {
  const known = new Set(nodes);
  const ordered = new Set<string>();
  const visit = (node: string, path: readonly string[]): void => {
    if (ordered.has(node)) return;
    if (path.includes(node)) throw cycle([...path.slice(path.indexOf(node)), node]);
    for (const need of needs(node)) if (known.has(need)) visit(need, [...path, node]);
    ordered.add(node);
  };
  for (const node of nodes) visit(node, []);
  return [...ordered];
}
