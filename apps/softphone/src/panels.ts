/** What can be opened beside a call; one at a time. */
export type PanelName = 'keypad' | 'transfer' | 'chat';
