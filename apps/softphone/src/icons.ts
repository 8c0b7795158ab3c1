const HANDSET =
  'M6.2 3.5h2.9c.6 0 1.1.4 1.2 1l.6 2.8c.1.5-.1 1-.5 1.3L8.9 9.8a12.6 12.6 0 0 0 5.3 5.3l1.2-1.5c.3-.4.8-.6 1.3-.5l2.8.6c.6.1 1 .6 1 1.2v2.9c0 .8-.7 1.5-1.5 1.5C11.3 19.3 4.7 12.7 4.7 5c0-.8.7-1.5 1.5-1.5Z';

/** Drawn on a grid of 24 by 24; lines take the colour of the text around them. */
const ICONS = {
  phone: [HANDSET],
  video: [
    'M4.5 6.5h8.5a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H4.5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2Z',
    'm15 10.5 6-3.5v10l-6-3.5Z',
  ],
  videoOff: [
    'M9 6.5h4a2 2 0 0 1 2 2v4',
    'M15 15.6a2 2 0 0 1-2 1.9H4.5a2 2 0 0 1-2-2v-7a2 2 0 0 1 1.5-1.9',
    'm15 10.5 6-3.5v10l-3-1.8',
    'm3.5 3.5 17 17',
  ],
  microphone: [
    'M12 3a3 3 0 0 1 3 3v5.5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3Z',
    'M5.5 11.5a6.5 6.5 0 0 0 13 0',
    'M12 18v3',
  ],
  microphoneOff: [
    'M9.2 5a3 3 0 0 1 5.8 1v5',
    'M9 9.5v2a3 3 0 0 0 4.5 2.6',
    'M5.5 11.5a6.5 6.5 0 0 0 10.6 5',
    'M18.3 13c.1-.5.2-1 .2-1.5',
    'M12 18v3',
    'm3.5 3.5 17 17',
  ],
  keypad: [
    'M6 5h.01',
    'M12 5h.01',
    'M18 5h.01',
    'M6 11h.01',
    'M12 11h.01',
    'M18 11h.01',
    'M6 17h.01',
    'M12 17h.01',
    'M18 17h.01',
  ],
  close: ['m6 6 12 12', 'M18 6 6 18'],
  speaker: ['M4 9.5v5h3.5L12 18.5v-13L7.5 9.5Z', 'M15.5 9a4 4 0 0 1 0 6', 'M18 6.5a8 8 0 0 1 0 11'],
  silence: [
    'M6 9.5a6 6 0 0 1 10-4',
    'M18 9.5c0 4 1.5 5.5 2 6.5H8',
    'M6 9.5c0 4-1.5 5.5-2 6.5',
    'M10.5 19.5a2 2 0 0 0 3 0',
    'm3.5 3.5 17 17',
  ],
  arrowIn: ['M18 6 7 17', 'M7 9v8h8'],
  arrowOut: ['M6 18 17 7', 'M9 7h8v8'],
  warning: ['M12 4.5 3 19.5h18Z', 'M12 10.5v4', 'M12 17.2h.01'],
  leave: ['M14 4H7a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7', 'M11 12h10', 'm17.5 8.5 3.5 3.5-3.5 3.5'],
  settings: [
    'M4 7h9',
    'M17 7h3',
    'M4 17h3',
    'M11 17h9',
    'M15 4.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4Z',
    'M9 14.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4Z',
  ],
  hold: ['M9 5.5v13', 'M15 5.5v13'],
  resume: ['M8 5.5v13l10.5-6.5Z'],
  transfer: ['M4 12h12', 'm11.5 7.5 4.5 4.5-4.5 4.5', 'M20 5.5v13'],
  merge: ['M4 6h3c4 0 4 6 8 6h5', 'M4 18h3c4 0 4-6 8-6', 'm16.5 8.5 3.5 3.5-3.5 3.5'],
  screen: [
    'M4.5 5h15a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5v-9A1.5 1.5 0 0 1 4.5 5Z',
    'M9 20h6',
    'M12 13.5v-5',
    'm9.8 10.5 2.2-2.2 2.2 2.2',
  ],
  chat: [
    'M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-4.5 3.5V17H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Z',
    'M8 10h8',
    'M8 13h5',
  ],
  send: ['M4 12 20 5l-5 15-3.5-6Z', 'm11.5 14 3-3.5'],
  good: ['M7 10.5v9H4.5v-9Z', 'M7 11l4-7a2 2 0 0 1 2.2 2l-.7 3.5h5a2 2 0 0 1 2 2.4l-1.2 6a2 2 0 0 1-2 1.6H7'],
  bad: ['M7 13.5v-9H4.5v9Z', 'M7 13l4 7a2 2 0 0 0 2.2-2l-.7-3.5h5a2 2 0 0 0 2-2.4l-1.2-6a2 2 0 0 0-2-1.6H7'],
  bell: ['M6.5 10a5.5 5.5 0 0 1 11 0c0 4.5 1.5 6 2 6.5h-15c.5-.5 2-2 2-6.5Z', 'M10.5 19.5a1.7 1.7 0 0 0 3 0'],
  check: ['m5 12.5 4.5 4.5L19 7.5'],
  save: ['M12 4v10', 'm8 10 4 4 4-4', 'M5 19h14'],
  window: ['M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Z', 'M3 9.5h18'],
} as const satisfies Record<string, readonly string[]>;

export type IconName = keyof typeof ICONS | 'hangup';

const SVG = 'http://www.w3.org/2000/svg';

/** An icon for the eye only: the words are on the button. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  // The handset is drawn smaller than the others; a closer look makes them equal.
  svg.setAttribute('viewBox', name === 'phone' || name === 'hangup' ? '2.8 2.1 18.6 18.6' : '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  svg.setAttribute('class', `icon icon-${name}`);
  for (const path of ICONS[name === 'hangup' ? 'phone' : name]) {
    const line = document.createElementNS(SVG, 'path');
    line.setAttribute('d', path);
    svg.append(line);
  }
  return svg;
}
