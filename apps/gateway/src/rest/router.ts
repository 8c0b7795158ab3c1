import type { Operation, RestMethod } from './operation.ts';
import { RestRefusal } from './rest-refusal.ts';

export interface FoundOperation {
  readonly operation: Operation;
  readonly names: Readonly<Record<string, string>>;
}

/** Finds the operation of a method and a path. */
export class Router {
  readonly #routes: readonly { readonly operation: Operation; readonly pattern: RegExp }[];

  constructor(operations: readonly Operation[]) {
    this.#routes = operations.map((operation) => ({
      operation,
      pattern: new RegExp(`^${operation.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
    }));
  }

  /** Throws a refusal that says what is there, where the path is right and the method is not. */
  find(method: RestMethod, path: string): FoundOperation {
    const methods = new Set<string>();
    for (const { operation, pattern } of this.#routes) {
      const matched = pattern.exec(path);
      if (matched === null) continue;
      if (operation.method === method) return { operation, names: { ...matched.groups } };
      methods.add(operation.method);
    }
    if (methods.size === 0) throw new RestRefusal('notFound', `there is nothing at ${path || '/'}`);
    const allow = [...methods].toSorted().join(', ');
    throw new RestRefusal('methodNotAllowed', `${method} is not answered here; ${allow} is`, {
      Allow: allow,
    });
  }
}
