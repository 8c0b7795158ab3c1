import { loadPreferences, savePreferences, type Theme } from './preferences.ts';
import { el } from './view.ts';

const CHOICES = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const satisfies readonly (readonly [Theme, string])[];

/** Shows the page in the colours this person chose; called once, before anything is shown. */
export function applyTheme(theme: Theme = loadPreferences().theme): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
  // The browser's own frame around an installed page.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    const isForDark = meta.media.includes('dark') || meta.dataset['scheme'] === 'dark';
    meta.dataset['scheme'] = isForDark ? 'dark' : 'light';
    if (theme === 'system') meta.media = `(prefers-color-scheme: ${isForDark ? 'dark' : 'light'})`;
    else meta.media = (theme === 'dark') === isForDark ? 'all' : 'not all';
  }
}

/** Light, dark, or as the system: three radio buttons. */
export function createThemeChoice(): HTMLElement {
  const chosen = loadPreferences().theme;
  return el(
    'fieldset',
    { class: 'choices', 'data-testid': 'theme' },
    [
      el('legend', { class: 'label' }, ['Appearance']),
      ...CHOICES.map(([theme, name]) =>
        el('label', { class: 'choice' }, [
          el('input', { type: 'radio', name: 'theme', value: theme, checked: theme === chosen }),
          name,
        ]),
      ),
    ],
    {
      change: (event) => {
        const { target } = event;
        const choice = CHOICES.find(
          ([theme]) => target instanceof HTMLInputElement && target.value === theme,
        );
        if (choice === undefined) return;
        savePreferences({ theme: choice[0] });
        applyTheme(choice[0]);
      },
    },
  );
}
