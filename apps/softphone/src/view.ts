/**
 * The whole of the view layer: elements are made once, and single facts of a store are written into them when they
 * change. Nothing is ever drawn again, so focus, scroll position and playing video stay where they are.
 *
 * A *scope* is an `AbortSignal`: what a view has started stops when its scope is aborted.
 */
export type Scope = AbortSignal;

/** Anything with a present state that tells of changes; the stores of the SDK are such, and {@link Cell} is. */
export interface Readable<T> {
  getSnapshot(): T;
  subscribe(listener: () => void): () => void;
}

type Handlers = { readonly [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void };
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
export type Content = Node | string | undefined;

/** Makes an element. An attribute that is `false` or `undefined` is left out; `true` is written empty. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  content: readonly Content[] = [],
  handlers: Handlers = {},
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const child of content) if (child !== undefined) element.append(child);
  for (const [type, handler] of Object.entries(handlers)) {
    // The entry's key and value belong together by the type of `handlers`; `Object.entries` forgets that.
    element.addEventListener(type, handler as EventListener);
  }
  return element;
}

/** Writes one attribute, or takes it away. */
export function setAttribute(element: Element, name: string, value: Attributes[string]): void {
  if (value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

/** Calls `apply` with what `select` reads from the store: now, and whenever it has become something else. */
export function watch<T, S>(
  store: Readable<T>,
  select: (snapshot: T) => S,
  apply: (selected: S) => void,
  scope: Scope,
): void {
  if (scope.aborted) return;
  let last = select(store.getSnapshot());
  apply(last);
  const unsubscribe = store.subscribe(() => {
    const next = select(store.getSnapshot());
    if (isSame(last, next)) return;
    last = next;
    apply(next);
  });
  scope.addEventListener('abort', unsubscribe, { once: true });
}

/** One fact of a store, as a store of its own. */
export function derive<T, S>(store: Readable<T>, select: (snapshot: T) => S, scope: Scope): Readable<S> {
  const cell = new Cell(select(store.getSnapshot()));
  watch(store, select, (fact) => cell.set(fact), scope);
  return cell;
}

/** Calls `follow` with what the store holds, and with a scope that ends when it holds something else. */
export function switchWith<T>(
  store: Readable<T>,
  follow: (value: T, inner: Scope) => void,
  scope: Scope,
): void {
  let inner = innerScope(scope);
  watch(
    store,
    (value) => value,
    (value) => {
      inner.abort();
      inner = innerScope(scope);
      follow(value, inner.signal);
    },
    scope,
  );
}

/** Lists are the same when their items are; a selection may then build a list without causing work. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  return a.length === b.length && a.every((item, index) => Object.is(item, b[index]));
}

/** Calls `tick` at once and then at every interval, until the scope ends. */
export function every(intervalMs: number, tick: () => void, scope: Scope): void {
  if (scope.aborted) return;
  tick();
  const timer = setInterval(tick, intervalMs);
  scope.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** A scope inside another one. */
export function innerScope(outer: Scope): AbortController {
  const inner = new AbortController();
  if (outer.aborted) inner.abort();
  // Taken off again with the inner scope: a long life of the outer one must not collect the ends of short ones.
  else outer.addEventListener('abort', () => inner.abort(), { once: true, signal: inner.signal });
  return inner;
}

/** A value of the page's own that views can watch. */
export class Cell<T> implements Readable<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  getSnapshot(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    // A copy, because a listener may be added while we iterate. One that has stopped meanwhile hears nothing more.
    for (const listener of Array.from(this.#listeners)) if (this.#listeners.has(listener)) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

interface Row<T> {
  readonly element: HTMLElement;
  /** Writes a newer version of the same item into the element. */
  update(item: T): void;
}

/**
 * Keeps one child element for each item, by key and in order. An element stays the same one as long as its key is
 * there, so that focus in a row survives a change of the list around it.
 */
export function keepRows<T>(
  parent: HTMLElement,
  keyOf: (item: T) => string,
  make: (item: T, scope: Scope) => Row<T>,
  outer: Scope,
): (items: readonly T[]) => void {
  const rows = new Map<string, Row<T> & { readonly end: AbortController }>();
  return (items) => {
    const keys = new Set(items.map(keyOf));
    for (const [key, row] of rows) {
      if (keys.has(key)) continue;
      row.end.abort();
      row.element.remove();
      rows.delete(key);
    }
    items.forEach((item, index) => {
      const key = keyOf(item);
      let row = rows.get(key);
      if (row === undefined) {
        const end = innerScope(outer);
        row = { ...make(item, end.signal), end };
        rows.set(key, row);
      }
      row.update(item);
      const inPlace = parent.children[index];
      if (inPlace !== row.element) parent.insertBefore(row.element, inPlace ?? null);
    });
  };
}
