import { avatar } from './avatar.ts';
import { el } from './view.ts';

const KEYS = [
  ['A', 'accept audio'],
  ['V', 'accept video'],
  ['D', 'decline'],
  ['M', 'mute'],
  ['C', 'camera'],
  ['P', 'hold'],
  ['S', 'share'],
  ['T', 'transfer'],
  ['N', 'chat'],
  ['K', 'keypad'],
  ['H', 'hang up'],
] as const;

/** What a large screen shows while there is no call. */
export function createIdleView(self: string): HTMLElement {
  return el('section', { class: 'idle', 'aria-label': 'No call' }, [
    avatar(self),
    el('h2', {}, ['Ready for calls']),
    el('p', {}, ['Whoever dials ', el('strong', {}, [self]), ' rings you here. Keep this window open.']),
    el(
      'ul',
      { class: 'keys', 'aria-label': 'Keys' },
      KEYS.map(([key, meaning]) => el('li', {}, [el('kbd', {}, [key]), ` ${meaning}`])),
    ),
  ]);
}
