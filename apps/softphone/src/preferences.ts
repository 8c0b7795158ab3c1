/** In which colours the page is shown. */
export type Theme = 'system' | 'light' | 'dark';

/** What this browser remembers between visits. */
export interface Preferences {
  readonly name: string;
  readonly deviceLabel: string;
  /** Single keys such as M for mute. Some people's tools type letters by themselves; they switch it off. */
  readonly hasShortcuts: boolean;
  readonly theme: Theme;
}

const KEY = 'parley-softphone';
const NONE: Preferences = { name: '', deviceLabel: '', hasShortcuts: true, theme: 'system' };

/** Never throws: a browser that keeps nothing gets the defaults. */
export function loadPreferences(): Preferences {
  try {
    return preferencesFrom(JSON.parse(localStorage.getItem(KEY) ?? 'null'));
  } catch {
    return NONE;
  }
}

export function savePreferences(changes: Partial<Preferences>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...loadPreferences(), ...changes }));
  } catch {
    // Storage is full or forbidden. The phone works without; next time the name is typed again.
  }
}

/** Reads what an older version of this page, or a person with a console, may have written. */
export function preferencesFrom(stored: unknown): Preferences {
  if (typeof stored !== 'object' || stored === null) return NONE;
  const { name, deviceLabel, hasShortcuts, theme } = stored as Record<string, unknown>;
  return {
    name: typeof name === 'string' ? name : NONE.name,
    deviceLabel: typeof deviceLabel === 'string' ? deviceLabel : NONE.deviceLabel,
    hasShortcuts: typeof hasShortcuts === 'boolean' ? hasShortcuts : NONE.hasShortcuts,
    theme: theme === 'light' || theme === 'dark' ? theme : NONE.theme,
  };
}
