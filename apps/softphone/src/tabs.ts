import { el, setAttribute } from './view.ts';

interface Tab {
  readonly id: string;
  readonly name: string;
  readonly panel: HTMLElement;
}

/** Panels of which one is shown (ARIA Authoring Practices, tabs with automatic activation). */
export function createTabs(label: string, tabs: readonly Tab[]): HTMLElement {
  const buttons = tabs.map(({ id, name }) =>
    el(
      'button',
      {
        type: 'button',
        class: 'tab',
        role: 'tab',
        id: `tab-${id}`,
        'aria-controls': `panel-${id}`,
        'data-testid': `tab-${id}`,
      },
      [name],
      { click: () => show(id) },
    ),
  );
  const panels = tabs.map(({ id, panel }) =>
    el('div', { role: 'tabpanel', id: `panel-${id}`, 'aria-labelledby': `tab-${id}` }, [panel]),
  );
  const show = (id: string): void => {
    tabs.forEach((tab, index) => {
      const isShown = tab.id === id;
      const [button, panel] = [buttons[index], panels[index]];
      if (button === undefined || panel === undefined) return;
      setAttribute(button, 'aria-selected', String(isShown));
      button.tabIndex = isShown ? 0 : -1;
      panel.hidden = !isShown;
    });
  };
  const onKey = (event: KeyboardEvent): void => {
    const at = buttons.findIndex((button) => button === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    const index = (to + buttons.length) % buttons.length;
    const tab = tabs[index];
    if (tab === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    show(tab.id);
    buttons[index]?.focus();
  };
  const list = el('div', { class: 'tabs', role: 'tablist', 'aria-label': label }, buttons, {
    keydown: onKey,
  });
  if (tabs[0] !== undefined) show(tabs[0].id);
  return el('section', { class: 'tabbed' }, [list, ...panels]);
}
