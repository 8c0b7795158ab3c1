import { notifications, type NotificationKind } from './codes.ts';
import type { Complaints } from './complaints.ts';
import { nearestName } from './spelling.ts';
import type { Element } from './tree.ts';

/** The children that are elements. */
export function childElements(element: Element): readonly Element[] {
  return element.children.filter((child) => typeof child !== 'string');
}

/** The text that stands directly in an element, trimmed as a whole. */
export function ownText(element: Element): string {
  return element.children
    .filter((child) => typeof child === 'string')
    .join('')
    .trim();
}

/** Complains about text where only elements have a meaning. */
export function complainOfText(element: Element, complaints: Complaints): void {
  for (const at of element.textAt) {
    complaints.add(
      notifications.oddity,
      at,
      `There is loose text in <${element.name}>; it was skipped.`,
      'Put words into <Say>, and attributes into the tag.',
    );
  }
}

/** Complains about a child that has no meaning where it stands, and names the spelling that would have one. */
export function complainOfChild(
  child: Element,
  parent: Element,
  known: Iterable<string>,
  complaints: Complaints,
  kind: NotificationKind = notifications.oddity,
): void {
  if (complaints.isFull) return;
  const names = [...known];
  const meant = nearestName(child.name, names);
  complaints.add(
    kind,
    child.at,
    `<${child.name}> has no meaning in <${parent.name}>; it was skipped with all it holds.`,
    meant === undefined
      ? names.length === 0
        ? 'Leave it out.'
        : `Use ${names.join(', ')}.`
      : `Did you mean <${meant}>? Names are compared with case.`,
  );
}
