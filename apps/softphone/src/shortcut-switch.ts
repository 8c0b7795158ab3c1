import { savePreferences } from './preferences.ts';
import { el, type Cell } from './view.ts';

/** Lets people whose tools type letters by themselves switch the single keys off (WCAG 2.1.4). */
export function createShortcutSwitch(isOn: Cell<boolean>): HTMLElement {
  const box = el('input', { type: 'checkbox', checked: isOn.getSnapshot(), 'data-testid': 'shortcuts' });
  box.addEventListener('change', () => {
    isOn.set(box.checked);
    savePreferences({ hasShortcuts: box.checked });
  });
  return el('footer', { class: 'side-foot' }, [el('label', {}, [box, 'Single-key shortcuts'])]);
}
